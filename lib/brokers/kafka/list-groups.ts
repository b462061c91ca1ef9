import { type Connection, createAPI, listGroupsV3, listGroupsV4, type Reader, Writer } from '@platformatic/kafka';
import type { GroupType } from '#lib/model/lag.ts';
import type { BrokerFailure } from '../port-offsets.ts';
import { answerOf, type Kafka } from './connect.ts';
import { failureOfCode } from './failure.ts';

export interface ListedGroup {
  name: string;
  type: GroupType;
  state: string;
  protocolType: string;
  /** The broker that lists a group is its coordinator. */
  coordinator: number;
}

// Without the types a broker leaves out every group that is not classic (KIP-848, KIP-932, KIP-1071). An older broker ignores a name it does not know.
const EVERY_TYPE = ['classic', 'consumer', 'share', 'streams'];

interface Answer {
  throttleTimeMs: number;
  errorCode: number;
  groups: { groupId: string; protocolType: string; groupState: string; groupType: string }[];
}

const listGroupsV5 = createAPI<[], Answer>(
  16,
  5,
  () => Writer.create().appendArray([], () => {}, true, false).appendArray(EVERY_TYPE, (w, type: string) => w.appendString(type), true, false).appendTaggedFields(),
  (_correlationId: number, _key: number, _version: number, reader: Reader) => {
    const throttleTimeMs = reader.readInt32();
    const errorCode = reader.readInt16();
    return { throttleTimeMs, errorCode, groups: reader.readArray((r) => ({ groupId: r.readString(), protocolType: r.readString(), groupState: r.readString(), groupType: r.readString() })) };
  },
);

/** Groups that one broker coordinates, with state and type (ListGroups v5; below Kafka 3.8 v4 or v3, without type). */
export async function listGroups(kafka: Kafka, nodeId: number, connection: Connection): Promise<{ throttleTimeMs: number; groups: ListedGroup[]; failure: BrokerFailure | null }> {
  const version = await kafka.connections.version(connection, 16, [3, 4, 5]);
  const answer: Answer = version === 5 ? await listGroupsV5.async(connection) : version === 4 ? withoutType(await answerOf(listGroupsV4.api.async(connection, [], []))) : withoutType(await answerOf(listGroupsV3.api.async(connection, [], [])));
  return {
    throttleTimeMs: answer.throttleTimeMs,
    failure: failureOfCode(answer.errorCode),
    groups: answer.groups.map((g) => ({ name: g.groupId, type: typeOf(g.groupType, g.protocolType), state: g.groupState || 'Unknown', protocolType: g.protocolType, coordinator: nodeId })),
  };
}

function withoutType(answer: { throttleTimeMs: number; errorCode: number; groups: { groupId: string; protocolType: string; groupState?: string }[] }): Answer {
  return { throttleTimeMs: answer.throttleTimeMs, errorCode: answer.errorCode, groups: answer.groups.map((g) => ({ groupId: g.groupId, protocolType: g.protocolType, groupState: g.groupState ?? '', groupType: 'classic' })) };
}

function typeOf(groupType: string, protocolType: string): GroupType {
  switch (groupType.toLowerCase()) {
    case 'consumer':
      return 'consumer';
    case 'share':
      return 'share';
    case 'streams':
      return 'streams';
    case 'classic':
      // Commits without ever joining (the admin API, Spark, Flink) leave a group without a protocol.
      return protocolType === '' ? 'simple' : 'classic';
    default:
      return 'unknown';
  }
}
