import type { Partitioning, Refusal } from '#lib/model/replay.ts';
import { javaPartition } from './java-partition.ts';

export interface TargetChoice {
  origin: { topic: string | null; partition: number | null };
  key: Uint8Array | null;
  /** The dead letter's own offset: spreads records without a key the same way on every attempt. */
  offset: bigint;
  /** null: each record's origin topic. */
  targetTopic: string | null;
  partitioning: Partitioning;
  /** Partitions a topic has now; undefined: it does not exist. */
  partitionCountNow: (topic: string) => number | undefined;
  /** Partitions the origin topic had when it was last collected; undefined: never seen. */
  partitionCountBefore: (topic: string) => number | undefined;
}

/**
 * Where a record goes. By default the origin's partition where the target still has as many partitions as the origin had,
 * else by key as the Java client would; never the DLQ's own partition, which says nothing about the origin's.
 */
export function chooseTarget(choice: TargetChoice): { topic: string; partition: number } | Refusal {
  const { origin, key, partitioning } = choice;
  const topic = choice.targetTopic ?? origin.topic;
  if (topic === null) return { code: 'origin-unknown', detail: {} };
  const count = choice.partitionCountNow(topic);
  if (count === undefined || count < 1) return { code: 'target-missing', detail: { topic } };
  if (typeof partitioning === 'number') {
    return partitioning < count ? { topic, partition: partitioning } : { code: 'partition-out-of-range', detail: { topic, partition: partitioning, partitionCount: count } };
  }
  if (partitioning === 'origin' && origin.topic !== null && origin.partition !== null) {
    const before = choice.partitionCountBefore(origin.topic) ?? (origin.topic === topic ? count : undefined);
    if (before === count && origin.partition < count) return { topic, partition: origin.partition };
  }
  const partition = key === null ? Number(choice.offset % BigInt(count)) : javaPartition(key, count);
  return { topic, partition };
}
