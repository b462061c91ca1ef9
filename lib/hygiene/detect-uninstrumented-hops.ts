import type { Detected } from '#lib/model/hygiene.ts';
import { example, many, MOST_EXAMPLES, recordAt } from './words.ts';

/** A group that committed past sampled records of a topic. */
export interface CommittedGroup {
  group: string;
  topic: string;
  /** The newest sampled records that it committed past, newest first. */
  latest: readonly { partition: number; offset: bigint; atMs: number }[];
  /** Consumers of these records that spans tell of: by group where they name it, else by service. */
  consumers: readonly { group: string | null; service: string | null }[];
}

const LEAST_RECORDS = 5;

/**
 * Groups that commit on a topic while no span tells of their work: a hole in every journey that goes through them. Where spans of the topic name
 * no group, they may be this group's: then it is left out. Told by the newest records, so that it shows soon after a deploy without instruments.
 */
export function detectUninstrumentedHops(groups: readonly CommittedGroup[]): Detected[] {
  return groups.filter((one) => one.latest.length >= LEAST_RECORDS && !one.consumers.some((consumer) => consumer.group === one.group || consumer.service === one.group) && !hasUnnamed(one, groups)).map((one) => ({
    kind: 'uninstrumented-hop',
    severity: 'info',
    subject: { topic: one.topic, group: one.group, service: null },
    sentence: `${one.group} committed past the newest ${many(one.latest.length, 'record')} looked at of ${one.topic}, and no span tells of one of them.`,
    facts: [
      { label: 'Records committed past, of those looked at', value: one.latest.length, unit: 'count' },
      { label: 'Consumers of them with spans', value: one.consumers.map((consumer) => consumer.group ?? consumer.service ?? 'unnamed').join(', ') || 'none', unit: 'text' },
    ],
    examples: one.latest.slice(0, MOST_EXAMPLES).map((record) => example('Committed, without a span.', [recordAt(one.topic, record)])),
    since: new Date(one.latest.at(-1)!.atMs),
    lastSeen: new Date(one.latest[0]!.atMs),
  }));
}

/** A service whose spans name no group, and that is no other group of the topic by its name. */
function hasUnnamed(one: CommittedGroup, groups: readonly CommittedGroup[]): boolean {
  const others = groups.filter((other) => other.topic === one.topic && other.group !== one.group);
  return one.consumers.some((consumer) => consumer.group === null && !others.some((other) => other.group === consumer.service));
}
