import { type Connection, describeGroupsV5 } from '@platformatic/kafka';
import type { GroupMember } from '#lib/model/lag.ts';
import type { GroupDescription } from '../port-offsets.ts';
import { answerOf } from './connect.ts';
import { describedGroup, hostOf } from './described-group.ts';

/** Groups of the first protocol (JoinGroup, SyncGroup), and those that only commit. DescribeGroups v5 says "Dead" of a group that is not one of them. */
export async function describeClassicGroups(connection: Connection, names: readonly string[]): Promise<GroupDescription[]> {
  const answer = await answerOf(describeGroupsV5.api.async(connection, [...names], false));
  return answer.groups.map((g) =>
    describedGroup({ group: g.groupId, protocol: g.protocolData, state: g.groupState, errorCode: g.errorCode }, () =>
      g.members.map((m) => ({
        memberId: m.memberId,
        clientId: m.clientId,
        host: hostOf(m.clientHost),
        instanceId: m.groupInstanceId ?? null,
        assignments: decodeAssignment(m.memberAssignment),
        ...decodeSubscription(g.protocolType, m.memberMetadata),
      })),
    ),
  );
}

/** The topics of the consumer protocol's subscription: version int16, then an array of names (the same beginning in every version). */
function decodeSubscription(protocolType: string, bytes: Buffer | null | undefined): { subscriptions?: string[] } {
  if (protocolType !== 'consumer' || !bytes || bytes.length < 6) return {};
  try {
    const names: string[] = [];
    let at = 6;
    for (let left = bytes.readInt32BE(2); left > 0; left -= 1) {
      const nameBytes = bytes.readInt16BE(at);
      if (nameBytes < 0 || at + 2 + nameBytes > bytes.length) return {};
      names.push(bytes.toString('utf8', at + 2, at + 2 + nameBytes));
      at += 2 + nameBytes;
    }
    return names.length > 0 ? { subscriptions: names.toSorted() } : {};
  } catch {
    return {};
  }
}

/**
 * The consumer protocol's assignment (version int16, then topics with partitions; the same in every version so far).
 * Members of other protocols (Kafka Connect) put their own bytes there: they come back as an empty list.
 */
export function decodeAssignment(bytes: Buffer | null | undefined): GroupMember['assignments'] {
  try {
    if (!bytes || bytes.length < 6) return [];
    let at = 2;
    const topics: GroupMember['assignments'] = [];
    const topicCount = bytes.readInt32BE(at);
    at += 4;
    for (let i = 0; i < topicCount; i += 1) {
      const nameBytes = bytes.readInt16BE(at);
      at += 2;
      const topic = bytes.toString('utf8', at, at + nameBytes);
      at += nameBytes;
      const count = bytes.readInt32BE(at);
      at += 4;
      const partitions: number[] = [];
      for (let j = 0; j < count; j += 1, at += 4) partitions.push(bytes.readInt32BE(at));
      topics.push({ topic, partitions });
    }
    return topics;
  } catch {
    return [];
  }
}
