import { type Connection, consumerGroupDescribeV0 } from '@platformatic/kafka';
import type { GroupMember } from '#lib/model/lag.ts';
import type { GroupDescription } from '../port-offsets.ts';
import { answerOf } from './connect.ts';
import { failureOfCode } from './failure.ts';

/** Groups of the protocol of KIP-848 (ConsumerGroupDescribe), also those that still hold classic members while they are being migrated. */
export async function describeConsumerGroups(connection: Connection, names: readonly string[]): Promise<GroupDescription[]> {
  const answer = await answerOf(consumerGroupDescribeV0.api.async(connection, [...names], false));
  return answer.groups.map((g) => {
    const failure = failureOfCode(g.errorCode);
    return {
      group: g.groupId,
      protocol: g.assignorName || null,
      state: g.groupState || null,
      failure,
      members: failure
        ? null
        : g.members.map((m): GroupMember => ({
            memberId: m.memberId,
            clientId: m.clientId,
            host: m.clientHost.replace(/^\//, ''),
            instanceId: m.instanceId ?? null,
            assignments: m.assignment.topicPartitions.map((t) => ({ topic: t.topicName, partitions: t.partitions })),
            ...(m.subscribedTopicNames.length > 0 ? { subscriptions: m.subscribedTopicNames.toSorted() } : {}),
          })),
    };
  });
}
