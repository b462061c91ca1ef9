import type { Detected, Fingerprint } from '#lib/model/hygiene.ts';
import { example, MOST_EXAMPLES, part, percent, recordAt, span } from './words.ts';

/** Fewer copies by payload alone are no evidence: a heartbeat or a price that did not change looks the same. */
const LEAST_BY_PAYLOAD = 3;
/** Copies of a payload further apart than this are taken for the same state told again. */
const MOST_APART_MS = 60_000;
/** From this share on the duplicates are a warning: below it, at-least-once delivery does this in quiet times too. */
const WARNING_SHARE = 0.01;

interface Copy {
  first: Fingerprint;
  again: Fingerprint;
}

/**
 * Events that lie on a topic twice: with the same event id, or, where events carry no id, with the same key and the same bytes within a minute.
 * One record that was read twice is one record, and what a replay of Waybill sent is meant to be there again.
 * @param records of one topic, in any order
 * @param fromMs a copy counts when it was written at or after this moment; what it copies may be older
 */
export function detectDuplicates(topic: string, records: readonly Fingerprint[], fromMs: number): Detected | null {
  const unique = new Map(records.map((record) => [`${record.partition}@${record.offset}`, record]));
  const inOrder = [...unique.values()].filter((record) => !record.replayed).toSorted((a, b) => a.atMs - b.atMs || a.partition - b.partition || (a.offset < b.offset ? -1 : 1));
  const looked = inOrder.filter((record) => record.atMs >= fromMs).length;
  const byId = copies(inOrder, (record) => (record.idHash === null ? null : `${record.idHash}`), Number.POSITIVE_INFINITY, fromMs);
  const byPayload = copies(inOrder, (record) => (record.idHash !== null || record.keyHash === null || record.payloadHash === null ? null : `${record.keyHash}:${record.payloadHash}`), MOST_APART_MS, fromMs);
  const counted = byPayload.length < LEAST_BY_PAYLOAD ? [] : byPayload;
  const all = [...byId, ...counted].toSorted((a, b) => b.again.atMs - a.again.atMs);
  const newest = all[0];
  const oldest = all.at(-1);
  if (newest === undefined || oldest === undefined) return null;
  const share = all.length / Math.max(looked, 1);
  const gaps = all.map(({ first, again }) => again.atMs - first.atMs).toSorted((a, b) => a - b);
  const median = gaps[Math.floor(gaps.length / 2)] ?? 0;
  const how = byId.length > 0 ? (counted.length > 0 ? 'the same event id, or the same key and bytes,' : 'the same event id') : 'the same key and bytes';
  return {
    kind: 'duplicates',
    severity: share >= WARNING_SHARE && byId.length > 0 ? 'warning' : 'info',
    subject: { topic, group: null, service: null },
    sentence: `${part(all.length, looked, 'event')} looked at on ${topic} (${percent(share)}) ${all.length === 1 ? 'was' : 'were'} written again with ${how}, usually ${span(median)} after the first.`,
    facts: [
      { label: 'Events looked at', value: looked, unit: 'count' },
      { label: 'Copies by event id', value: byId.length, unit: 'count' },
      { label: 'Copies by key and bytes', value: counted.length, unit: 'count' },
      { label: 'Share', value: share, unit: 'share' },
      { label: 'Time between first and copy, median', value: median, unit: 'ms' },
    ],
    examples: all.slice(0, MOST_EXAMPLES).map(({ first, again }) =>
      example(`The same ${again.idHash === null ? 'key and bytes' : 'event id'}${again.payloadHash !== null && again.payloadHash === first.payloadHash ? ', byte for byte the same value' : again.idHash === null ? '' : ', with another value'}, ${span(again.atMs - first.atMs)} apart.`, [recordAt(topic, first), recordAt(topic, again)])),
    since: new Date(oldest.again.atMs),
    lastSeen: new Date(newest.again.atMs),
  };
}

/** Each record after the first of its kind, with the first. */
function copies(inOrder: readonly Fingerprint[], sameAs: (record: Fingerprint) => string | null, mostApartMs: number, fromMs: number): Copy[] {
  const firsts = new Map<string, Fingerprint>();
  const found: Copy[] = [];
  for (const again of inOrder) {
    const same = sameAs(again);
    if (same === null) continue;
    const first = firsts.get(same);
    if (first === undefined || again.atMs - first.atMs > mostApartMs) firsts.set(same, again);
    else if (again.atMs >= fromMs) found.push({ first, again });
  }
  return found;
}
