import { type Connection, consumerGroupDescribeV0 } from '@platformatic/kafka';
import type { GroupDescription } from '../port-offsets.ts';
import { answerOf } from './connect.ts';
import { describedGroup, hostOf } from './described-group.ts';

/** Groups of the protocol of KIP-848 (ConsumerGroupDescribe), also those that still hold classic members while they are being migrated. */
export async function describeConsumerGroups(connection: Connection, names: readonly string[]): Promise<GroupDescription[]> {
  const answer = await answerOf(consumerGroupDescribeV0.api.async(connection, [...names], false));
  return answer.groups.map((g) =>
    describedGroup({ group: g.groupId, protocol: g.assignorName, state: g.groupState, errorCode: g.errorCode }, () =>
      g.members.map((m) => ({
        memberId: m.memberId,
        clientId: m.clientId,
        host: hostOf(m.clientHost),
        instanceId: m.instanceId ?? null,
        assignments: m.assignment.topicPartitions.map((t) => ({ topic: t.topicName, partitions: t.partitions })),
        ...(m.subscribedTopicNames.length > 0 ? { subscriptions: m.subscribedTopicNames.toSorted() } : {}),
      })),
    ),
  );
}
