import type { Detected } from '#lib/model/hygiene.ts';
import { example, many, MOST_EXAMPLES, recordAt, span } from './words.ts';

/** A dead-letter topic with what became of its records. */
export interface DeadLetterTopicUse {
  topic: string;
  /** Groups that commit there. */
  readers: number;
  /** Whether every group of the cluster was read: only then their absence is known. */
  readersKnown: boolean;
  waiting: number;
  /** When the oldest that waits arrived, and the newest; null where none waits. */
  oldestMs: number | null;
  newestMs: number | null;
  /** When somebody last replayed or archived a dead letter of it; null: never, as far as is known. */
  handledAtMs: number | null;
  latest: readonly { partition: number; offset: bigint; atMs: number | null }[];
}

/** A person needs some time; after an hour without anybody a dead letter is not on anybody's mind. */
const LEAST_WAIT_MS = 3_600_000;
const CRITICAL_WAIT_MS = 7 * 86_400_000;
const HANDLED_MS = 7 * 86_400_000;

/** Dead-letter topics that fill up while no group reads them and nobody has replayed or archived any of it for a week. */
export function detectUnreadDeadLetters(topics: readonly DeadLetterTopicUse[], nowMs: number): { findings: Detected[]; unknown: string | null } {
  const unread = topics.filter((one) => one.readersKnown && one.readers === 0 && one.waiting > 0 && one.oldestMs !== null && one.newestMs !== null && nowMs - one.oldestMs >= LEAST_WAIT_MS && (one.handledAtMs === null || nowMs - one.handledAtMs > HANDLED_MS));
  return {
    unknown: topics.some((one) => !one.readersKnown) ? 'the groups of this cluster could not all be read, so nobody knows who reads its dead letters' : null,
    findings: unread.map((one) => ({
      kind: 'unread-dead-letters',
      severity: nowMs - one.oldestMs! >= CRITICAL_WAIT_MS ? 'critical' : 'warning',
      subject: { topic: one.topic, group: null, service: null },
      sentence: `${many(one.waiting, 'dead letter')} ${one.waiting === 1 ? 'waits' : 'wait'} on ${one.topic}, the oldest for ${span(nowMs - one.oldestMs!)}. No group reads it and nobody replayed or archived any of it ${one.handledAtMs === null ? 'ever' : 'in the last 7 d'}.`,
      facts: [
        { label: 'Waiting', value: one.waiting, unit: 'count' },
        { label: 'Oldest waits', value: nowMs - one.oldestMs!, unit: 'ms' },
        { label: 'Groups that read it', value: 0, unit: 'count' },
        { label: 'Last replayed or archived', value: one.handledAtMs === null ? 'never' : new Date(one.handledAtMs).toISOString(), unit: 'text' },
      ],
      examples: one.latest.slice(0, MOST_EXAMPLES).map((record) => example('A dead letter nobody has looked after.', [recordAt(one.topic, record)])),
      since: new Date(one.oldestMs!),
      lastSeen: new Date(nowMs),
    })),
  };
}
