import { offsetCommitV8, offsetCommitV9 } from '@platformatic/kafka';
import type { PartitionOutcome } from '../port-groups.ts';
import { answerOf, type Kafka } from './connect.ts';
import { failureOfCode } from './failure.ts';

/** In the name of nobody: a coordinator takes it only while the group has no members. */
const NO_GENERATION = -1;

/** Commits offsets for a group without members, in one request to its coordinator (OffsetCommit v9, v8 below Kafka 3.6). */
export async function resetOffsets(kafka: Kafka, group: string, offsets: readonly { topic: string; partition: number; offset: bigint }[]): Promise<PartitionOutcome[]> {
  const { connection } = await kafka.connections.coordinator('group', group);
  const byTopic = new Map<string, { partitionIndex: number; committedOffset: bigint; committedLeaderEpoch: number; committedMetadata: string }[]>();
  for (const { topic, partition, offset } of offsets) {
    const partitions = byTopic.get(topic) ?? [];
    partitions.push({ partitionIndex: partition, committedOffset: offset, committedLeaderEpoch: -1, committedMetadata: '' });
    byTopic.set(topic, partitions);
  }
  const { api } = (await kafka.connections.version(connection, offsetCommitV9.api.key, [8, 9])) === 9 ? offsetCommitV9 : offsetCommitV8;
  const answer = await answerOf(api.async(connection, group, NO_GENERATION, '', null, [...byTopic].map(([name, partitions]) => ({ name, partitions }))));
  return answer.topics.flatMap((topic) => topic.partitions.map((p) => ({ topic: topic.name, partition: p.partitionIndex, failure: failureOfCode(p.errorCode) })));
}
