import type { Detected } from '#lib/model/hygiene.ts';
import { example, MOST_EXAMPLES, part, percent, recordAt, span } from './words.ts';

/** A consumer whose spans told of errors on a topic. */
export interface FailingConsumer {
  topic: string;
  /** The group, or the service where spans name no group. */
  consumer: string;
  isGroup: boolean;
  records: number;
  failed: number;
  firstAtMs: number;
  lastAtMs: number;
  latest: readonly { partition: number; offset: bigint; atMs: number | null }[];
}

/** Where dead letters of the cluster go, as far as they are known. */
export interface DeadLetterPaths {
  /** Names of dead-letter and retry topics. */
  topics: readonly string[];
  /** Topics (and groups, where told) that dead letters came from. */
  origins: readonly { topic: string; group: string | null }[];
}

const LEAST_FAILED = 3;

/** Consumers that fail and have nowhere to put what they can't handle: they skip it, or stand still at it. */
export function detectNoDeadLetterPath(failing: readonly FailingConsumer[], paths: DeadLetterPaths, windowMs: number): Detected[] {
  return failing.filter((one) => one.failed >= LEAST_FAILED && !hasPath(one, paths)).map((one) => ({
    kind: 'no-dead-letter-path',
    severity: 'warning',
    subject: { topic: one.topic, group: one.isGroup ? one.consumer : null, service: one.isGroup ? null : one.consumer },
    sentence: `${one.consumer} failed at ${part(one.failed, one.records, 'record')} of ${one.topic} (${percent(one.failed / one.records)}) within ${span(windowMs)}, and no dead-letter topic is known that it could put them on.`,
    facts: [
      { label: 'Records looked at', value: one.records, unit: 'count' },
      { label: 'With an error', value: one.failed, unit: 'count' },
      { label: 'Dead-letter topics of this cluster', value: paths.topics.length, unit: 'count' },
    ],
    examples: one.latest.slice(0, MOST_EXAMPLES).map((record) => example('Its span ended with an error.', [recordAt(one.topic, record)])),
    since: new Date(one.firstAtMs),
    lastSeen: new Date(one.lastAtMs),
  }));
}

/** A dead letter of it was seen, or a dead-letter topic bears the name of the topic or of the consumer: `orders.DLT`, `error.orders.billing`. */
function hasPath(one: FailingConsumer, paths: DeadLetterPaths): boolean {
  const stem = one.consumer.replace(/[-_.](?:service|svc|consumer|group|app)$/u, '');
  return paths.origins.some((origin) => origin.topic === one.topic && (origin.group === null || !one.isGroup || origin.group === one.consumer)) || paths.topics.some((topic) => topic.includes(one.topic) || topic.includes(one.consumer) || (stem.length > 3 && topic.includes(stem)));
}
