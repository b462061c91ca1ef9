import type { Detected } from '#lib/model/hygiene.ts';
import { span } from './words.ts';

/** A topic with who reads it. Dead-letter, retry and Kafka's own topics are not among them. */
export interface TopicUse {
  topic: string;
  readers: number;
  readersKnown: boolean;
  /** When Waybill first saw it. */
  firstSeenMs: number;
  /** When its log last moved; null where not known. */
  writtenAtMs: number | null;
  /** Records in it now. */
  held: number | null;
  producers: readonly string[];
  bytes: number | null;
}

/** A consumer that is being deployed comes late. */
const GRACE_MS = 600_000;
/** What nobody writes any more is history, not a leak. */
const WRITTEN_MS = 86_400_000;
/** Topics that frameworks keep their own state on. They are read without committing. */
const INTERNAL = /^_|^connect-(?:configs|offsets|status)$|-(?:changelog|repartition)$|^mm2-|\.internal$|\.checkpoints\.internal$|^schema-changes\b/u;

/** Topics that are written and that no group reads. Who reads without a group, or without ever committing, cannot be seen. */
export function detectUnconsumedTopics(topics: readonly TopicUse[], nowMs: number): { findings: Detected[]; unknown: string | null; subjects: number } {
  const looked = topics.filter((one) => !INTERNAL.test(one.topic));
  const unread = looked.filter((one) => one.readersKnown && one.readers === 0 && one.writtenAtMs !== null && nowMs - one.writtenAtMs <= WRITTEN_MS && nowMs - one.firstSeenMs >= GRACE_MS && one.held !== 0);
  return {
    subjects: looked.length,
    unknown: looked.some((one) => !one.readersKnown) ? 'the groups of this cluster could not all be read, so nobody knows which topics have no reader' : null,
    findings: unread.map((one) => ({
      kind: 'unconsumed-topic',
      severity: 'info',
      subject: { topic: one.topic, group: null, service: null },
      sentence: `Nobody consumes ${one.topic}, and it was written ${span(nowMs - one.writtenAtMs!)} ago${one.producers.length === 0 ? '' : ` by ${one.producers.slice(0, 3).join(', ')}`}.`,
      facts: [
        { label: 'Groups that read it', value: 0, unit: 'count' },
        { label: 'Records it holds, at most', value: one.held, unit: 'count' },
        { label: 'Size on the leaders', value: one.bytes, unit: 'bytes' },
        { label: 'Written by', value: one.producers.length === 0 ? null : one.producers.join(', '), unit: 'text' },
      ],
      examples: [],
      // Since when nobody reads it is not known: since it was found.
      since: new Date(nowMs),
      lastSeen: new Date(nowMs),
    })),
  };
}
