import { deleteGroupsV2, offsetDeleteV0 } from '@platformatic/kafka';
import type { PartitionOutcome } from '../port-groups.ts';
import type { BrokerFailure } from '../port-offsets.ts';
import { answerOf, type Kafka } from './connect.ts';
import { failureOfCode } from './failure.ts';

/** DeleteGroups: NON_EMPTY_GROUP while members are there. */
export async function deleteGroup(kafka: Kafka, group: string): Promise<BrokerFailure | null> {
  const { connection } = await kafka.connections.coordinator('group', group);
  const { results } = await answerOf(deleteGroupsV2.api.async(connection, [group]));
  return failureOfCode(results[0]?.errorCode ?? -1);
}

/** OffsetDelete (KIP-496): GROUP_SUBSCRIBED_TO_TOPIC for each partition of a topic that members subscribe to. */
export async function deleteOffsets(kafka: Kafka, group: string, partitions: readonly { topic: string; partition: number }[]): Promise<PartitionOutcome[]> {
  const { connection } = await kafka.connections.coordinator('group', group);
  const byTopic = new Map<string, { partitionIndex: number }[]>();
  for (const { topic, partition } of partitions) byTopic.set(topic, [...(byTopic.get(topic) ?? []), { partitionIndex: partition }]);
  const answer = await answerOf(offsetDeleteV0.api.async(connection, group, [...byTopic].map(([name, indexes]) => ({ name, partitions: indexes }))));
  const whole = failureOfCode(answer.errorCode);
  if (whole) return partitions.map(({ topic, partition }) => ({ topic, partition, failure: whole }));
  return answer.topics.flatMap((topic) => topic.partitions.map((p) => ({ topic: topic.name, partition: p.partitionIndex, failure: failureOfCode(p.errorCode) })));
}
