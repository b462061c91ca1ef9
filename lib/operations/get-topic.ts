import { z } from 'zod';
import { WaybillError } from '#lib/errors.ts';
import { explainClock } from '#lib/lag/judge-clock.ts';
import { unpackTopicSample } from '#lib/lag/pack-sample.ts';
import { partitionRates } from '#lib/lag/partition-rates.ts';
import { readLastCycle, readReplicas, readTopicPartitions, readTopicSamples } from '#lib/store/topics/read-topic-partitions.ts';
import { readClocks } from '#lib/store/topics/topic-clocks.ts';
import { readCompleteClusters, readTopicProducers, readTopicReaders, readTopics } from '#lib/store/topics/read-topics.ts';
import type { Store } from '#lib/store/store.ts';
import { offsetSchema, timeSchema } from '#lib/wire.ts';
import { requireCluster } from './list-groups.ts';
import { PRODUCER_AGE_MS, servicesOf } from './list-topics.ts';
import { topicConsumerSchema, topicSchema, toTopicConsumer, toTopicSummary } from './topic-shape.ts';

export const topicPartitionSchema = z.object({
  partition: z.number().int(),
  leader: z.number().int().nullable(),
  replicas: z.array(z.number().int()).nullable().describe('null: not described yet'),
  inSyncReplicas: z.array(z.number().int()).nullable(),
  logStartOffset: offsetSchema.nullable(),
  lastStableOffset: offsetSchema.nullable(),
  endOffset: offsetSchema.nullable().describe('high watermark'),
  producedPerSecond: z.number().nullable().describe('over the last three minutes'),
  sizeBytes: offsetSchema.nullable(),
  lastMovedAt: timeSchema.nullable(),
  error: z.string().nullable(),
});
export type TopicPartition = z.output<typeof topicPartitionSchema>;

export const topicDetailSchema = topicSchema.extend({
  config: z.record(z.string(), z.string()).nullable(),
  partitionList: z.array(topicPartitionSchema),
  consumerList: z.array(topicConsumerSchema),
  producerList: z.array(z.object({ service: z.string(), lastSeenAt: timeSchema })),
  clockWarnings: z.array(z.string()).describe('partitions whose newest timestamp cannot be: a producer with a wrong clock wrote there'),
  observedAt: timeSchema.nullable().describe('when the offsets were read'),
});
export type TopicDetail = z.output<typeof topicDetailSchema>;

const RATE_WINDOW_MS = 180_000;

/**
 * One topic with its partitions, producers and consumers.
 * @throws WaybillError `cluster-not-found`, `topic-not-found` 404
 */
export async function getTopic(store: Store, input: { cluster: string; topic: string; now: Date }): Promise<TopicDetail> {
  await requireCluster(store, input.cluster);
  const scope = { cluster: input.cluster, topic: input.topic };
  const [row] = await readTopics(store, scope);
  if (!row) throw new WaybillError('topic-not-found', `The cluster "${input.cluster}" has no topic "${input.topic}". It may have been deleted, or was created a moment ago.`, { status: 404 });
  const windowStart = new Date(input.now.getTime() - RATE_WINDOW_MS);
  const [readers, producers, complete, partitions, described, samples, readAt, clocks] = await Promise.all([
    readTopicReaders(store, scope),
    readTopicProducers(store, [input.topic], new Date(input.now.getTime() - PRODUCER_AGE_MS)),
    readCompleteClusters(store, input.now),
    readTopicPartitions(store, row.id),
    readReplicas(store, row.id),
    readTopicSamples(store, row.id, windowStart),
    readLastCycle(store, row.cluster_id),
    readClocks(store, row.id),
  ]);
  const byPartition = new Map(partitions.map((partition) => [partition.partition, partition]));
  const current = Array.from({ length: row.partition_count }, (_, partition) => {
    const at = byPartition.get(partition);
    return at && at.failed_since === null ? at.high_watermark : null;
  });
  // Figures that stopped coming say nothing about the present.
  const fresh = readAt !== null && readAt > windowStart;
  const rates = fresh ? partitionRates(samples.map((sample) => ({ atMs: sample.at.getTime(), entries: unpackTopicSample(sample.packed) })), current, readAt.getTime(), windowStart.getTime(), row.first_seen_at.getTime()) : current.map(() => null);
  const seen = new Map<string, string>();
  for (const one of producers) if ((one.cluster_id === 0 || one.cluster_id === row.cluster_id) && !seen.has(one.service)) seen.set(one.service, one.last_seen_at.toISOString());
  return {
    ...toTopicSummary(row, readers, servicesOf(producers, row.cluster_id), complete.has(row.cluster_id)),
    config: described?.config ?? null,
    consumerList: readers.map(toTopicConsumer),
    producerList: [...seen].map(([service, lastSeenAt]) => ({ service, lastSeenAt })),
    clockWarnings: clocks.map((clock) => explainClock(row.name, clock)),
    observedAt: readAt?.toISOString() ?? null,
    partitionList: current.map((_, partition): TopicPartition => {
      const at = byPartition.get(partition);
      return {
        partition,
        leader: at?.leader ?? null,
        replicas: described?.replicas[partition] ?? null,
        inSyncReplicas: described?.in_sync_replicas[partition] ?? null,
        logStartOffset: at?.log_start_offset?.toString() ?? null,
        lastStableOffset: at?.last_stable_offset?.toString() ?? null,
        endOffset: at?.high_watermark?.toString() ?? null,
        producedPerSecond: rates[partition] ?? null,
        sizeBytes: described?.partition_bytes?.[partition]?.toString() ?? null,
        lastMovedAt: at?.changed_at.toISOString() ?? null,
        error: at?.last_error ?? null,
      };
    }),
  };
}
