import type { Rights } from '#lib/brokers/port-rights.ts';
import type { ClusterConfig } from '#lib/config.ts';

/**
 * What keeps traces from being taken from their topics: a topic that is not there, a right that is missing. Says nothing of what the brokers do not tell.
 * @returns a sentence each, with the command that mends it
 */
export function missingForTraceTopics({ topics, group }: NonNullable<ClusterConfig['traceTopics']>, rights: Rights, user: string | null): string[] {
  const grant = (what: string) => `kafka-acls --add --allow-principal 'User:${user ?? "<Waybill's user>"}' ${what}`;
  const found: string[] = [];
  for (const topic of topics) {
    const may = rights.topics.get(topic);
    if (may === undefined) {
      found.push(`The topic "${topic}" is not there, or may not be seen: the Collector's kafka exporter makes it with its first traces; make it with: kafka-topics --create --topic '${topic}' --partitions 12. Where it is there: ${grant(`--operation Describe --operation Read --topic '${topic}'`)}`);
    } else if (!may.has('Read')) found.push(`Read on the topic "${topic}" is missing: no traces come from it. ${grant(`--operation Read --topic '${topic}'`)}`);
  }
  // Of a group that nobody has joined yet nothing is told.
  const mayJoin = rights.groups.get(group);
  if (mayJoin !== undefined && !mayJoin.has('Read')) found.push(`Read on the group "${group}" is missing: it cannot be joined, and no traces come from its topics. ${grant(`--operation Read --group '${group}'`)}`);
  return found;
}
