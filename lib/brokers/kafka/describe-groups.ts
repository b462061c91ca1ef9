import { consumerGroupDescribeV0, describeGroupsV5 } from '@platformatic/kafka';
import type { GroupMember, GroupType } from '#lib/model/lag.ts';
import type { GroupDescription } from '../port-offsets.ts';
import { answerOf, type Kafka } from './connect.ts';
import { failureOfCode, failureOfError } from './failure.ts';

const GROUPS_PER_REQUEST = 200;

/**
 * Members and assignments. A KIP-848 group is asked by ConsumerGroupDescribe: DescribeGroups calls a live one "Dead" without an error.
 * Share and streams groups come back without members (their own Describe calls are not asked yet).
 */
export async function describeGroups(kafka: Kafka, groups: readonly { name: string; type: GroupType; coordinator: number }[]): Promise<GroupDescription[]> {
  const batches = new Map<string, { coordinator: number; consumer: boolean; names: string[] }>();
  const result: GroupDescription[] = [];
  for (const group of groups) {
    if (group.type === 'share' || group.type === 'streams') {
      result.push({ group: group.name, members: null, protocol: null, state: null, failure: { code: 'unsupported', message: `Members of ${group.type} groups are not read.`, retryable: false } });
      continue;
    }
    const consumer = group.type === 'consumer';
    const key = `${group.coordinator} ${consumer}`;
    const batch = batches.get(key) ?? { coordinator: group.coordinator, consumer, names: [] };
    batch.names.push(group.name);
    batches.set(key, batch);
  }
  for (const { coordinator, consumer, names } of batches.values()) {
    for (let i = 0; i < names.length; i += GROUPS_PER_REQUEST) {
      const chunk = names.slice(i, i + GROUPS_PER_REQUEST);
      try {
        const connection = await kafka.connections.node(coordinator);
        result.push(...(consumer ? await describeConsumerGroups(connection, chunk) : await describeClassicGroups(connection, chunk)));
      } catch (error) {
        const failure = failureOfError(error);
        result.push(...chunk.map((group) => ({ group, members: null, protocol: null, state: null, failure })));
      }
    }
  }
  return result;
}

type Connection = Awaited<ReturnType<Kafka['connections']['node']>>;

async function describeConsumerGroups(connection: Connection, names: string[]): Promise<GroupDescription[]> {
  const answer = await answerOf(consumerGroupDescribeV0.api.async(connection, names, false));
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
          })),
    };
  });
}

async function describeClassicGroups(connection: Connection, names: string[]): Promise<GroupDescription[]> {
  const answer = await answerOf(describeGroupsV5.api.async(connection, names, false));
  return answer.groups.map((g) => {
    const failure = failureOfCode(g.errorCode);
    return {
      group: g.groupId,
      protocol: g.protocolData || null,
      state: g.groupState || null,
      failure,
      members: failure
        ? null
        : g.members.map((m): GroupMember => ({
            memberId: m.memberId,
            clientId: m.clientId,
            host: m.clientHost.replace(/^\//, ''),
            instanceId: m.groupInstanceId ?? null,
            assignments: decodeAssignment(m.memberAssignment),
          })),
    };
  });
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
