import type { OffsetAtTime } from '../port-offsets.ts';
import type { Kafka } from './connect.ts';
import { listOffsets, NEWEST } from './list-offsets.ts';

/** For each partition the record with the newest timestamp, likewise. */
export async function findNewestTimestamps(kafka: Kafka, partitions: readonly { topic: string; partition: number }[]): Promise<OffsetAtTime[]> {
  return partitions.length === 0 ? [] : findOffsetsAtTime(kafka, partitions, Number(NEWEST));
}

/** For each partition the first record at or after `timestampMs`, one request a leader. Partitions and leaders that fail are left out. */
export async function findOffsetsAtTime(kafka: Kafka, partitions: readonly { topic: string; partition: number }[], timestampMs: number): Promise<OffsetAtTime[]> {
  const metadata = await kafka.connections.metadata({ topics: [...new Set(partitions.map((p) => p.topic))] });
  const byLeader = new Map<number, Map<string, number[]>>();
  for (const { topic, partition } of partitions) {
    const leader = metadata.topics.get(topic)?.partitions.find((p) => p.partition === partition)?.leader;
    if (leader === null || leader === undefined) continue;
    const byTopic = byLeader.get(leader) ?? new Map<string, number[]>();
    byLeader.set(leader, byTopic);
    byTopic.set(topic, [...(byTopic.get(topic) ?? []), partition]);
  }
  const result: OffsetAtTime[] = [];
  await Promise.all(
    [...byLeader].map(async ([leader, byTopic]) => {
      try {
        const connection = await kafka.connections.node(leader);
        const answer = await listOffsets(kafka, connection, [...byTopic].map(([topic, list]) => ({ topic, partitions: list })), 0, BigInt(Math.floor(timestampMs)));
        for (const { topic, partitions: found, errorCodes, offsets, timestamps } of answer.topics) {
          found.forEach((partition, i) => {
            if (errorCodes[i] !== 0) return;
            const offset = offsets[i] ?? -1n;
            result.push({ topic, partition, offset: offset >= 0n ? offset : null, timestamp: offset >= 0n ? (timestamps[i] ?? 0) : null });
          });
        }
      } catch {
        // Left out: the caller knows which partitions it asked for.
      }
    }),
  );
  return result;
}
