import type { Detected } from '#lib/model/hygiene.ts';
import { example, many, MOST_EXAMPLES, recordAt, span } from './words.ts';

/** A group that committed past sampled records of a topic. */
export interface CommittedGroup {
  group: string;
  topic: string;
  /** Sampled records that it committed past within the window. */
  records: number;
  firstAtMs: number;
  lastAtMs: number;
  latest: readonly { partition: number; offset: bigint; atMs: number | null }[];
  /** Consumers of the topic that spans tell of: by group where they name it, else by service. */
  consumers: readonly { group: string | null; service: string | null }[];
}

const LEAST_RECORDS = 5;

/**
 * Groups that commit on a topic while no span tells of their work: a hole in every journey that goes through them. Where spans of the topic name
 * no group, they may be this group's: then it is left out.
 */
export function detectUninstrumentedHops(groups: readonly CommittedGroup[], windowMs: number): Detected[] {
  return groups.filter((one) => one.records >= LEAST_RECORDS && !one.consumers.some((consumer) => consumer.group === one.group || consumer.service === one.group) && !hasUnnamed(one, groups)).map((one) => ({
    kind: 'uninstrumented-hop',
    severity: 'info',
    subject: { topic: one.topic, group: one.group, service: null },
    sentence: `${one.group} committed past ${many(one.records, 'record')} of ${one.topic} within ${span(windowMs)}, and no span tells of one of them.`,
    facts: [
      { label: 'Records committed past, of those looked at', value: one.records, unit: 'count' },
      { label: 'Consumers of the topic with spans', value: one.consumers.map((consumer) => consumer.group ?? consumer.service ?? 'unnamed').join(', ') || 'none', unit: 'text' },
    ],
    examples: one.latest.slice(0, MOST_EXAMPLES).map((record) => example('Committed, without a span.', [recordAt(one.topic, record)])),
    since: new Date(one.firstAtMs),
    lastSeen: new Date(one.lastAtMs),
  }));
}

/** A service whose spans name no group, and that is no other group of the topic by its name. */
function hasUnnamed(one: CommittedGroup, groups: readonly CommittedGroup[]): boolean {
  const others = groups.filter((other) => other.topic === one.topic && other.group !== one.group);
  return one.consumers.some((consumer) => consumer.group === null && !others.some((other) => other.group === consumer.service));
}
