import { type Connection, createAPI, type Reader } from '@platformatic/kafka';
import type { GroupMember } from '#lib/model/lag.ts';
import type { GroupDescription } from '../port-offsets.ts';
import { askForGroups, describedGroup, hostOf } from './described-group.ts';

// ShareGroupDescribe (KIP-932, key 77). Version 0 was of the early access in Kafka 4.0 only.
const shareGroupDescribe = createAPI<[readonly string[]], GroupDescription[]>(
  77,
  1,
  askForGroups,
  (_correlationId: number, _key: number, _version: number, reader: Reader) => {
    reader.readInt32();
    return reader.readArray((r): GroupDescription => {
      const errorCode = r.readInt16();
      r.readNullableString();
      const group = r.readString();
      const state = r.readString();
      r.readInt32(); // group epoch
      r.readInt32(); // assignment epoch
      const protocol = r.readString();
      const members = r.readArray(readMember);
      r.readInt32(); // authorized operations, not asked for
      return describedGroup({ group, protocol, state, errorCode }, () => members);
    });
  },
);

function readMember(r: Reader): GroupMember {
  const memberId = r.readString();
  r.readNullableString(); // rack
  r.readInt32(); // member epoch
  const clientId = r.readString();
  const host = hostOf(r.readString());
  r.readArray((rt) => rt.readString(), true, false); // subscribed topics
  const assignments = r.readArray((rt) => {
    rt.readUUID();
    return { topic: rt.readString(), partitions: rt.readArray((rp) => rp.readInt32(), true, false) };
  });
  r.readTaggedFields(); // of the assignment
  return { memberId, clientId, host, instanceId: null, assignments };
}

/** Share groups: several members may have the same partition, each gets records of its own. */
export async function describeShareGroups(connection: Connection, names: readonly string[]): Promise<GroupDescription[]> {
  return await shareGroupDescribe.async(connection, names);
}
