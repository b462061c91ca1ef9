import type { GroupMember } from '#lib/model/lag.ts';

/** What the members of a group read and Waybill has no right to see: what was committed there is left out of every answer. */
export interface HiddenTopics {
  /** Empty where Kafka says that there are some, and not which. */
  topics: { topic: string; partitions: number[] }[];
  /** Which right is missing, as a sentence. */
  error: string;
}

/** How many partitions are known to be hidden; at least one a topic, and one where not even the topics are known. */
export function hiddenPartitions(hidden: HiddenTopics | null): number {
  if (hidden === null) return 0;
  return Math.max(1, hidden.topics.reduce((sum, { partitions }) => sum + Math.max(1, partitions.length), 0));
}

/**
 * What members read, or asked for, among the topics that may not be seen.
 * @param refused why a topic may not be seen, by its name
 */
export function hiddenFrom(members: readonly GroupMember[], refused: ReadonlyMap<string, string>): HiddenTopics | null {
  const partitions = new Map<string, Set<number>>();
  for (const { assignments, subscriptions } of members) {
    for (const topic of subscriptions ?? []) if (refused.has(topic) && !partitions.has(topic)) partitions.set(topic, new Set());
    for (const assigned of assignments) {
      if (!refused.has(assigned.topic)) continue;
      const found = partitions.get(assigned.topic) ?? new Set();
      for (const partition of assigned.partitions) found.add(partition);
      partitions.set(assigned.topic, found);
    }
  }
  const [first] = [...partitions.keys()].toSorted();
  if (first === undefined) return null;
  return { topics: [...partitions].map(([topic, set]) => ({ topic, partitions: [...set].toSorted((a, b) => a - b) })).toSorted((a, b) => (a.topic < b.topic ? -1 : 1)), error: refused.get(first) ?? '' };
}

/** What is left of it when these topics can be seen. */
export function stillHidden(hidden: HiddenTopics, sees: (topic: string) => boolean): HiddenTopics | null {
  if (hidden.topics.length === 0) return hidden;
  const topics = hidden.topics.filter(({ topic }) => !sees(topic));
  return topics.length === 0 ? null : topics.length === hidden.topics.length ? hidden : { ...hidden, topics };
}
