import type { Detected, Fingerprint } from '#lib/model/hygiene.ts';
import { example, MOST_EXAMPLES, part, percent, recordAt } from './words.ts';

/** A record that a service wrote while it handled another one, as its spans tell. */
export interface PassedOn {
  service: string;
  /** What it wrote. */
  topic: string;
  partition: number;
  offset: bigint;
  atMs: number;
  correlated: boolean;
  /** What it had read; null where its spans do not say. */
  read: { topic: string; partition: number; offset: bigint; atMs: number | null; correlated: boolean | null } | null;
}

const LEAST_LOST = 3;
const WARNING_SHARE = 0.05;
/** A topic all of whose events carry nothing that could join them with others. */
const LEAST_BARE = 20;
const BARE_SHARE = 0.9;

/** Services that read events with a correlation id and write events without one while they handle them. */
export function detectLostCorrelation(passed: readonly PassedOn[]): { findings: Detected[]; services: number } {
  const groups = Map.groupBy(passed.filter((one) => one.read?.correlated === true), (one) => `${one.service}\0${one.topic}`);
  const findings = [...groups.values()].flatMap((all): Detected[] => {
    const lost = all.filter((one) => !one.correlated).toSorted((a, b) => b.atMs - a.atMs);
    const [newest] = lost;
    const share = lost.length / all.length;
    if (newest === undefined || lost.length < LEAST_LOST || share < WARNING_SHARE) return [];
    const from = [...new Set(lost.map((one) => one.read!.topic))];
    return [{
      kind: 'lost-correlation',
      severity: 'warning',
      subject: { topic: newest.topic, group: null, service: newest.service },
      sentence: `${newest.service} drops the correlation id: ${part(lost.length, all.length, 'event')} (${percent(share)}) that it wrote to ${newest.topic} carry none, although what it was handling from ${from.slice(0, 3).join(', ')} did.`,
      facts: [
        { label: 'Events written while handling one with an id', value: all.length, unit: 'count' },
        { label: 'Without an id', value: lost.length, unit: 'count' },
        { label: 'Share', value: share, unit: 'share' },
        { label: 'Read from', value: from.join(', '), unit: 'text' },
      ],
      examples: lost.slice(0, MOST_EXAMPLES).map((one) => example('Read with a correlation id, written without.', [recordAt(one.read!.topic, one.read!), recordAt(one.topic, one)], { before: 'correlation id', after: 'none' })),
      since: new Date(lost.at(-1)!.atMs),
      lastSeen: new Date(newest.atMs),
    }];
  });
  return { findings, services: new Set(passed.map((one) => one.service)).size };
}

/** Topics whose events carry neither a correlation id nor a trace context: no journey can go through them. */
export function detectUncorrelated(topic: string, records: readonly Fingerprint[]): Detected | null {
  const bare = records.filter((record) => !record.correlated && !record.traced).toSorted((a, b) => b.atMs - a.atMs);
  const [newest] = bare;
  if (newest === undefined || records.length < LEAST_BARE || bare.length / records.length < BARE_SHARE) return null;
  return {
    kind: 'lost-correlation',
    severity: 'info',
    subject: { topic, group: null, service: null },
    sentence: `${part(bare.length, records.length, 'event')} looked at on ${topic} (${percent(bare.length / records.length)}) carry neither a correlation id nor a trace context: no journey can be followed through them.`,
    facts: [
      { label: 'Events looked at', value: records.length, unit: 'count' },
      { label: 'Without anything to follow', value: bare.length, unit: 'count' },
    ],
    examples: bare.slice(0, MOST_EXAMPLES - 2).map((record) => example('Neither a correlation id nor a traceparent.', [recordAt(topic, record)])),
    since: new Date(bare.at(-1)!.atMs),
    lastSeen: new Date(newest.atMs),
  };
}
