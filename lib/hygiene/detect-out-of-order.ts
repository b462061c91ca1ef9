import type { Detected, Fingerprint } from '#lib/model/hygiene.ts';
import { example, MOST_EXAMPLES, part, percent, recordAt, span } from './words.ts';

/** Times of two producers' clocks are compared: less than this is skew, not order. */
const LEAST_LATE_MS = 1_000;
/** From this share on it is a warning. */
const WARNING_SHARE = 0.001;

interface Late {
  before: Fingerprint;
  late: Fingerprint;
  by: 'sequence' | 'time';
}

/**
 * Events that come after a newer one of the same key: their own sequence is lower than that of an event of the same aggregate before them, or
 * their own time lies more than a second before it. Only within a partition, the one place where Kafka keeps an order. A copy of an event
 * that was there before is a duplicate and not counted here; neither is what a replay of Waybill sent.
 * @param records of one topic, in any order
 * @param fromMs events written at or after this moment count; they are compared with older ones
 */
export function detectOutOfOrder(topic: string, records: readonly Fingerprint[], fromMs: number): Detected | null {
  const unique = new Map(records.map((record) => [`${record.partition}@${record.offset}`, record]));
  const inOrder = [...unique.values()].filter((record) => !record.replayed).toSorted((a, b) => a.partition - b.partition || (a.offset < b.offset ? -1 : 1));
  const newest = new Map<string, Fingerprint>();
  const seen = new Set<string>();
  const found: Late[] = [];
  let looked = 0;
  for (const record of inOrder) {
    const copy = record.idHash === null ? null : `${record.partition}:${record.idHash}`;
    if (copy !== null && seen.has(copy)) continue;
    if (copy !== null) seen.add(copy);
    const late = laterThan(record, newest);
    if (late === 'nothing to compare') continue;
    if (record.atMs < fromMs) continue;
    looked += 1;
    if (late !== null) found.push({ late: record, ...late });
  }
  const latest = found.toSorted((a, b) => b.late.atMs - a.late.atMs);
  const first = latest.at(-1);
  const last = latest[0];
  if (first === undefined || last === undefined) return null;
  const share = found.length / looked;
  const bySequence = found.filter((one) => one.by === 'sequence').length;
  return {
    kind: 'out-of-order',
    severity: share >= WARNING_SHARE ? 'warning' : 'info',
    subject: { topic, group: null, service: null },
    sentence: `${part(found.length, looked, 'event')} on ${topic} that tell their order (${percent(share)}) ${found.length === 1 ? 'lies' : 'lie'} behind a newer one of the same key.`,
    facts: [
      { label: 'Events that tell their order', value: looked, unit: 'count' },
      { label: 'Behind a higher sequence', value: bySequence, unit: 'count' },
      { label: 'Behind a later time of their own', value: found.length - bySequence, unit: 'count' },
      { label: 'Share', value: share, unit: 'share' },
    ],
    examples: latest.slice(0, MOST_EXAMPLES).map(({ before, late, by }) =>
      by === 'sequence'
        ? example('The same aggregate: the lower sequence was written after the higher one.', [recordAt(topic, before), recordAt(topic, late)], { before: `sequence ${before.sequence}`, after: `sequence ${late.sequence}` })
        : example(`The same key: the event says it happened ${span(before.eventAtMs! - late.eventAtMs!)} before the one in front of it.`, [recordAt(topic, before), recordAt(topic, late)], { before: new Date(before.eventAtMs!).toISOString(), after: new Date(late.eventAtMs!).toISOString() })),
    since: new Date(first.late.atMs),
    lastSeen: new Date(last.late.atMs),
  };
}

/** Compares with the newest before it and takes its place where it is newer. */
function laterThan(record: Fingerprint, newest: Map<string, Fingerprint>): { before: Fingerprint; by: Late['by'] } | 'nothing to compare' | null {
  // A sequence is exact; a time is looked at only where there is none.
  const [place, by]: [string | null, Late['by']] =
    record.sequence !== null && record.sequenceScope !== null ? [`${record.partition}:s:${record.sequenceScope}`, 'sequence'] : record.eventAtMs !== null && record.keyHash !== null ? [`${record.partition}:t:${record.keyHash}`, 'time'] : [null, 'time'];
  if (place === null) return 'nothing to compare';
  const before = newest.get(place);
  const behind = before !== undefined && (by === 'sequence' ? record.sequence! < before.sequence! : record.eventAtMs! < before.eventAtMs! - LEAST_LATE_MS);
  if (before === undefined || (by === 'sequence' ? record.sequence! >= before.sequence! : record.eventAtMs! >= before.eventAtMs!)) newest.set(place, record);
  return behind ? { before: before!, by } : null;
}
