import { z } from 'zod';
import { asStatus, lagStatusSchema } from './group-shape.ts';
import { offsetSchema, timeSchema } from '#lib/wire.ts';
import type { TopicReaderRow, TopicRow } from '#lib/store/topics/read-topics.ts';

// The wire shape of a topic, shared by the list and the single topic, and how stored figures become it.

export const topicSchema = z.object({
  cluster: z.string(),
  topic: z.string(),
  topicId: z.string().describe("the broker's id of this incarnation"),
  partitions: z.number().int(),
  replicationFactor: z.number().int().nullable(),
  internal: z.boolean(),
  role: z.string().nullable().describe('dead-letter, retry or null'),
  offsetsHeld: offsetSchema.nullable().describe('end minus start over the known partitions; compaction and transaction markers make it an upper bound of the records'),
  unknownPartitions: z.number().int(),
  producedPerSecond: z.number().nullable().describe('records per second between the last two readings of the end offsets by the topics collector, about a minute apart'),
  sizeBytes: offsetSchema.nullable().describe('bytes on disk, summed over the leaders'),
  sizeError: z.string().nullable(),
  cleanupPolicy: z.string().nullable().describe('delete, compact, or both with a comma'),
  retentionMs: offsetSchema.nullable().describe('-1: for ever'),
  retentionBytes: offsetSchema.nullable().describe('of each partition; -1: without limit'),
  minInSyncReplicas: z.number().int().nullable(),
  configError: z.string().nullable(),
  underReplicated: z.number().int().nullable().describe('partitions with fewer replicas in sync than there are'),
  offline: z.number().int().nullable().describe('partitions without a leader'),
  producers: z.array(z.string()).describe('services whose spans wrote here, newest first'),
  groups: z.number().int().describe('groups that committed here or have a partition assigned'),
  consumers: z.array(z.string()).describe('their names, most lag first, at most 20'),
  lag: offsetSchema.nullable().describe('waiting records summed over the groups; null where no group committed or no end is known'),
  nobodyConsumes: z.boolean().nullable().describe('true: no group committed here or is assigned; null where the groups were not all read. Readers without a group are not seen'),
  lastMovedAt: timeSchema.nullable(),
  firstSeenAt: timeSchema,
});
export type TopicSummary = z.output<typeof topicSchema>;

export const topicConsumerSchema = z.object({
  group: z.string(),
  status: lagStatusSchema,
  state: z.string(),
  committedPartitions: z.number().int().describe('0: assigned, and nothing committed yet'),
  lag: offsetSchema.nullable(),
  unknownPartitions: z.number().int(),
});
export type TopicConsumer = z.output<typeof topicConsumerSchema>;

const CONSUMERS_NAMED = 20;

/** @param complete whether all groups of the topic's cluster were read, @param named how many consumers are named */
export function toTopicSummary(row: TopicRow, readers: readonly TopicReaderRow[], producers: readonly string[], complete: boolean, named = CONSUMERS_NAMED): TopicSummary {
  const lags = readers.map((reader) => reader.lag).filter((lag) => lag !== null);
  const setting = (name: string) => row.config?.[name] ?? null;
  const minInSyncReplicas = Number(setting('min.insync.replicas') ?? Number.NaN);
  return {
    cluster: row.cluster,
    topic: row.name,
    topicId: row.kafka_topic_id,
    partitions: row.partition_count,
    replicationFactor: row.replication_factor,
    internal: row.internal,
    role: row.role,
    offsetsHeld: row.unknown > 0 && row.held === null ? null : (row.held?.toString() ?? null),
    unknownPartitions: row.unknown,
    producedPerSecond: row.produced_per_second,
    sizeBytes: row.size_bytes?.toString() ?? null,
    sizeError: row.described_at === null ? 'The topics collector has not described it yet.' : row.size_error,
    cleanupPolicy: setting('cleanup.policy'),
    retentionMs: asInteger(setting('retention.ms')),
    retentionBytes: asInteger(setting('retention.bytes')),
    minInSyncReplicas: Number.isInteger(minInSyncReplicas) ? minInSyncReplicas : null,
    configError: row.described_at === null ? 'The topics collector has not described it yet.' : row.config_error,
    underReplicated: row.under_replicated,
    offline: row.offline,
    producers: [...producers],
    groups: readers.length,
    consumers: readers.slice(0, named).map((reader) => reader.group),
    lag: lags.length === 0 ? null : lags.reduce((sum, lag) => sum + lag, 0n).toString(),
    nobodyConsumes: readers.length > 0 ? false : complete ? true : null,
    lastMovedAt: row.changed_at?.toISOString() ?? null,
    firstSeenAt: row.first_seen_at.toISOString(),
  };
}

export function toTopicConsumer(row: TopicReaderRow): TopicConsumer {
  return { group: row.group, status: asStatus(row.status), state: row.state, committedPartitions: row.committed, lag: row.lag?.toString() ?? null, unknownPartitions: row.unknown };
}

function asInteger(text: string | null): string | null {
  return text !== null && /^-?\d{1,19}$/.test(text) ? text : null;
}
