import type { Detected } from '#lib/model/hygiene.ts';
import { example, many, MOST_EXAMPLES, percent, recordAt, span } from './words.ts';

/** What went to retry topics for one topic within the window. */
export interface RetryTraffic {
  originTopic: string;
  retryTopics: readonly string[];
  group: string | null;
  retries: number;
  /** Records written to the origin topic in the same time; null where not known. */
  produced: number | null;
  firstAtMs: number;
  lastAtMs: number;
  latest: readonly { topic: string; partition: number; offset: bigint; atMs: number | null; origin: { partition: number; offset: bigint } | null }[];
}

/** Records of one topic as one consumer handled them, by its spans. */
export interface HandledRecords {
  topic: string;
  /** The group, or the service where spans name no group. */
  consumer: string;
  isGroup: boolean;
  records: number;
  attempts: number;
  firstAtMs: number;
  lastAtMs: number;
  most: readonly { partition: number; offset: bigint; atMs: number | null; attempts: number }[];
}

const LEAST_RETRIES = 20;
const WARNING_SHARE = 0.2;
const CRITICAL_SHARE = 1;
const LEAST_HANDLED = 10;
const WARNING_ATTEMPTS = 2;
const CRITICAL_ATTEMPTS = 5;

/**
 * Retries that make up a large part of the work: a fifth of what a topic was written goes to retry topics, or a record takes two attempts on
 * average. Then something that does not heal by waiting is tried again and again, and takes the place of what could succeed.
 */
export function detectRetryStorm(traffic: readonly RetryTraffic[], handled: readonly HandledRecords[], windowMs: number): Detected[] {
  const byTopic = traffic.flatMap((one): Detected[] => {
    const share = one.produced === null || one.produced === 0 ? null : one.retries / one.produced;
    if (one.retries < LEAST_RETRIES || share === null || share < WARNING_SHARE) return [];
    return [{
      kind: 'retry-storm',
      severity: share >= CRITICAL_SHARE ? 'critical' : 'warning',
      subject: { topic: one.originTopic, group: one.group, service: null },
      sentence: `${many(one.retries, 'retry', 'retries')} of records of ${one.originTopic} within ${span(windowMs)}, ${percent(share)} of what was written to it.`,
      facts: [
        { label: 'Retries', value: one.retries, unit: 'count' },
        { label: `Written to ${one.originTopic} meanwhile`, value: one.produced, unit: 'count' },
        { label: 'Share', value: share, unit: 'share' },
        { label: 'Retry topics', value: one.retryTopics.join(', '), unit: 'text' },
      ],
      examples: one.latest.slice(0, MOST_EXAMPLES).map((record) => example('A retry and the record it came of.', [...(record.origin === null ? [] : [recordAt(one.originTopic, { ...record.origin, atMs: null })]), recordAt(record.topic, record)])),
      since: new Date(one.firstAtMs),
      lastSeen: new Date(one.lastAtMs),
    }];
  });
  const byAttempts = handled.flatMap((one): Detected[] => {
    const each = one.records === 0 ? 0 : one.attempts / one.records;
    if (one.records < LEAST_HANDLED || each < WARNING_ATTEMPTS) return [];
    return [{
      kind: 'retry-storm',
      severity: each >= CRITICAL_ATTEMPTS ? 'critical' : 'warning',
      subject: { topic: one.topic, group: one.isGroup ? one.consumer : null, service: one.isGroup ? null : one.consumer },
      sentence: `${one.consumer} takes ${Number(each.toFixed(1))} attempts for a record of ${one.topic} on average: ${many(one.attempts, 'attempt')} at ${many(one.records, 'record')} within ${span(windowMs)}.`,
      facts: [
        { label: 'Records looked at', value: one.records, unit: 'count' },
        { label: 'Attempts', value: one.attempts, unit: 'count' },
      ],
      examples: one.most.slice(0, MOST_EXAMPLES).map((record) => example(`Tried ${many(record.attempts, 'time')}.`, [recordAt(one.topic, record)])),
      since: new Date(one.firstAtMs),
      lastSeen: new Date(one.lastAtMs),
    }];
  });
  // Of the same topic and group the retry topic says more.
  const told = new Set(byTopic.map((one) => one.subject.topic));
  return [...byTopic, ...byAttempts.filter((one) => !told.has(one.subject.topic))];
}
