import type { Detected, Fingerprint } from '#lib/model/hygiene.ts';
import { example, many, MOST_EXAMPLES, percent, recordAt, size } from './words.ts';

/** A p99 above this is heavy for a broker made for small records, whatever the limit. */
const HEAVY_BYTES = 100_000;
/** Shares of the topic's limit. A dead letter is its record plus a stack trace: what is nearer to the limit can't be parked on a topic with the same limit. */
const WARNING_OF_LIMIT = 0.75;
const CRITICAL_OF_LIMIT = 0.9;

/**
 * Topics whose events are heavy, or come near the limit (max.message.bytes) above which the broker refuses them. The limit holds for a batch as it
 * is sent, compressed where the producer compresses: a record under it by its own size always fits when it is alone.
 * @param maxMessageBytes null where it is not known
 */
export function detectFatEvents(topic: string, records: readonly Fingerprint[], maxMessageBytes: number | null): Detected | null {
  const unique = [...new Map(records.map((record) => [`${record.partition}@${record.offset}`, record])).values()];
  const bySize = unique.toSorted((a, b) => b.bytes - a.bytes);
  const largest = bySize[0];
  if (largest === undefined) return null;
  // Nearest rank: of fewer than 100 events it is the largest.
  const p99 = bySize[bySize.length - Math.ceil(bySize.length * 0.99)]!.bytes;
  const ofLimit = maxMessageBytes === null ? null : largest.bytes / maxMessageBytes;
  const near = ofLimit !== null && ofLimit >= WARNING_OF_LIMIT;
  // One event alone says nothing about what is usual.
  const heavy = p99 >= HEAVY_BYTES && unique.length >= 20;
  if (!near && !heavy) return null;
  const fat = bySize.filter((record) => record.bytes >= HEAVY_BYTES || record === largest);
  const limit = maxMessageBytes === null ? 'The limit of the topic is not known.' : `The limit is ${size(maxMessageBytes)}, so ${size(Math.max(0, maxMessageBytes - largest.bytes))} of headroom ${maxMessageBytes - largest.bytes < 0 ? '(it was compressed)' : 'is left'}.`;
  return {
    kind: 'fat-events',
    severity: ofLimit !== null && ofLimit >= CRITICAL_OF_LIMIT ? 'critical' : near ? 'warning' : 'info',
    subject: { topic, group: null, service: null },
    sentence: `The largest of ${many(unique.length, 'event')} looked at on ${topic} has ${size(largest.bytes)}${ofLimit === null ? '' : `, ${percent(ofLimit)} of what the topic takes`}; 99 % have at most ${size(p99)}. ${limit}`,
    facts: [
      { label: 'Events looked at', value: unique.length, unit: 'count' },
      { label: 'Largest', value: largest.bytes, unit: 'bytes' },
      { label: 'p99', value: p99, unit: 'bytes' },
      { label: 'Median', value: bySize[Math.floor(bySize.length / 2)]!.bytes, unit: 'bytes' },
      { label: 'Limit of the topic (max.message.bytes)', value: maxMessageBytes, unit: 'bytes' },
    ],
    examples: fat.slice(0, MOST_EXAMPLES).map((record) => example(`${size(record.bytes)} with key and headers.`, [recordAt(topic, record)])),
    since: new Date(Math.min(...fat.map((record) => record.atMs))),
    lastSeen: new Date(Math.max(...fat.map((record) => record.atMs))),
  };
}
