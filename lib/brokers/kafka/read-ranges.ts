import type { Connection } from '@platformatic/kafka';
import type { Kafka } from './connect.ts';
import { failureOfCode, failureOfError } from './failure.ts';
import { EARLIEST, LATEST, listOffsets } from './list-offsets.ts';
import type { PartitionRange } from '../port-records.ts';

export interface FoundRange extends PartitionRange {
  highWatermark: bigint | null;
  /** null also where no record is that young. */
  atTime: bigint | null;
}

/**
 * Log start and last stable offset of each partition (two ListOffsets requests per leader); where asked for also the high watermark and the
 * first offset at or after `timestampMs`. One bad partition or broker is a failure in its own answer.
 */
export async function readRanges(kafka: Kafka, partitions: readonly { topic: string; partition: number }[], also: { timestampMs?: bigint | undefined; highWatermark?: boolean } = {}): Promise<FoundRange[]> {
  const ranges = new Map(partitions.map((at): [string, FoundRange] => [`${at.topic}:${at.partition}`, { topic: at.topic, partition: at.partition, logStartOffset: null, lastStableOffset: null, highWatermark: null, atTime: null, failure: null }]));
  const fail = (topic: string, partition: number, failure: PartitionRange['failure']) => {
    const range = ranges.get(`${topic}:${partition}`);
    if (range) range.failure ??= failure;
  };
  let topics;
  try {
    topics = (await kafka.connections.metadata({ topics: [...new Set(partitions.map((at) => at.topic))] })).topics;
  } catch (error) {
    for (const at of partitions) fail(at.topic, at.partition, failureOfError(error));
    return [...ranges.values()];
  }
  const byNode = new Map<number, Map<string, number[]>>();
  for (const at of partitions) {
    const topic = topics.get(at.topic);
    const partition = topic?.partitions.find((item) => item.partition === at.partition);
    if (!partition) fail(at.topic, at.partition, failureOfCode(topic?.errorCode ?? 3) ?? failureOfCode(3));
    else if (partition.leader === null) fail(at.topic, at.partition, { code: 'no-leader', message: `${at.topic}:${at.partition} has no leader at the moment.`, retryable: true });
    else {
      const node = byNode.get(partition.leader) ?? new Map<string, number[]>();
      node.set(at.topic, [...(node.get(at.topic) ?? []), at.partition]);
      byNode.set(partition.leader, node);
    }
  }
  await Promise.all([...byNode].map(async ([nodeId, questions]) => {
    const asked = [...questions].map(([topic, of]) => ({ topic, partitions: of }));
    const ask = async (connection: Connection, timestamp: bigint, field: 'logStartOffset' | 'lastStableOffset' | 'highWatermark' | 'atTime') => {
      for (const answer of (await listOffsets(kafka, connection, asked, field === 'highWatermark' ? 0 : 1, timestamp)).topics) {
        answer.partitions.forEach((partition, index) => {
          const range = ranges.get(`${answer.topic}:${partition}`);
          const failure = failureOfCode(answer.errorCodes[index] ?? 0);
          const offset = answer.offsets[index] ?? -1n;
          if (failure) fail(answer.topic, partition, failure);
          else if (range && offset >= 0n) range[field] = offset;
        });
      }
    };
    try {
      const connection = await kafka.connections.node(nodeId);
      await ask(connection, EARLIEST, 'logStartOffset');
      await ask(connection, LATEST, 'lastStableOffset');
      if (also.highWatermark) await ask(connection, LATEST, 'highWatermark');
      if (also.timestampMs !== undefined) await ask(connection, also.timestampMs, 'atTime');
    } catch (error) {
      for (const question of asked) for (const partition of question.partitions) fail(question.topic, partition, failureOfError(error));
    }
  }));
  return [...ranges.values()];
}
