import { decodeDeadLetter } from './decode.ts';
import { dialects, type Dialect } from './dialects.ts';
import { defaultDlqPatterns, topicMatcher } from './topic-patterns.ts';
import type { DecodedDeadLetter, HeaderBytes } from '#lib/model/dead-letter.ts';

/** What a few records of a topic say about what it holds. */
export interface SampleEvidence {
  role: 'dead-letter' | 'retry';
  /** Nothing about it is doubtful: it can be taken in without asking. */
  certain: boolean;
  dialect: string;
  /** Records looked at, and those that carry the headers of a dead letter or a retry. */
  sampled: number;
  carrying: number;
  /** The headers by which they were recognised, the most frequent first. */
  headers: { name: string; records: number }[];
  /** Topics that they came from. */
  origins: { topic: string; records: number }[];
}

/** Dialects whose names other headers may have by chance, or whose headers go on with a record that was repaired. A person decides. */
const WEAK: ReadonlySet<string> = new Set(['karafka', 'wolverine', 'kafkajs-home-made', 'x-original', 'rabbitmq', 'spring-amqp']);
const RETRY: ReadonlySet<string> = new Set(['spring-retry-topic', 'smallrye-delayed-retry']);
const RETRY_NAME = /(?:^|[^a-z])retr(?:y|ies)(?:[^a-z]|$)/iu;
const isDlqName = topicMatcher(defaultDlqPatterns);

/** This share of the records must carry: business topics hold a few that were sent back with their headers. */
const MIN_SHARE = 0.6;
const MIN_CERTAIN = 3;

/**
 * Whether records of a topic are dead letters or retries, by their headers alone. A correlation id, a trace or one stray name is no evidence: a record
 * counts where a dialect is on it, and it tells an error, and it came from another topic than this one (a replayed record that kept its headers
 * lies on its own origin). null: no evidence.
 * @param isTopic whether the cluster has a topic of this name; of doubtful dialects the origin must exist
 */
export function judgeSample(topic: string, records: readonly { timestampMs: bigint | null; headers: readonly HeaderBytes[] }[], isTopic: (name: string) => boolean, configured: readonly Dialect[] = []): SampleEvidence | null {
  const carrying = records.flatMap((record) => {
    const decoded = decodeDeadLetter({ topic, ...record }, { dialects: configured });
    return tells(topic, decoded, isTopic) ? [{ decoded, names: new Set(record.headers.map(([name]) => Buffer.from(name).toString('utf8'))) }] : [];
  });
  if (carrying.length === 0 || carrying.length < records.length * MIN_SHARE) return null;
  const [dialectName] = mostFrequent(carrying.map(({ decoded }) => decoded.dialect!))[0]!;
  const dialect = [...configured, ...dialects].find((one) => one.name === dialectName);
  const isRetryDialect = RETRY.has(dialectName);
  const retryName = RETRY_NAME.test(topic);
  const role = isRetryDialect ? (isDlqName(topic) || !retryName ? 'dead-letter' : 'retry') : retryName && !isDlqName(topic) ? 'retry' : 'dead-letter';
  return {
    role,
    // Of a retry dialect the last hop and those before carry the same headers: without a name that says so nobody knows which.
    certain: !WEAK.has(dialectName) && carrying.length === records.length && carrying.length >= MIN_CERTAIN && (isRetryDialect ? retryName || isDlqName(topic) : !retryName),
    dialect: dialectName,
    sampled: records.length,
    carrying: carrying.length,
    headers: mostFrequent(carrying.flatMap(({ names }) => (dialect?.recognise ?? []).filter((name) => names.has(name)))).map(([name, count]) => ({ name, records: count })),
    origins: mostFrequent(carrying.flatMap(({ decoded }) => decoded.origin.topic ?? [])).slice(0, 10).map(([name, count]) => ({ topic: name, records: count })),
  };
}

function tells(topic: string, { dialect, origin, error, attempts }: DecodedDeadLetter, isTopic: (name: string) => boolean): boolean {
  if (dialect === null || origin.topic === topic) return false;
  const hasError = error.class !== null || error.message !== null || error.stack !== null;
  if (WEAK.has(dialect)) return origin.topic !== null && isTopic(origin.topic) && (hasError || (origin.partition !== null && origin.offset !== null));
  // MassTransit tells no origin, Karafka and share groups no error class: one of both is enough where the names can be nobody else's.
  return hasError || (origin.topic !== null && (origin.offset !== null || attempts !== null));
}

function mostFrequent(items: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return [...counts].toSorted((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
}
