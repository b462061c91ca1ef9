import { type Connection, createAPI, type Reader } from '@platformatic/kafka';
import type { GroupMember } from '#lib/model/lag.ts';
import type { GroupDescription } from '../port-offsets.ts';
import type { Kafka } from './connect.ts';
import { askForGroups, describedGroup, hostOf } from './described-group.ts';

/** A task is a subtopology and a partition number; each number of it reads the same partition of all its source topics. */
interface Task {
  subtopology: string;
  partitions: number[];
}

interface Answer {
  group: string;
  state: string;
  errorCode: number;
  /** Source topics of each subtopology, those that repartition data within the application included. null before any member sent a topology. */
  sources: Map<string, string[]>;
  members: (Omit<GroupMember, 'assignments'> & { tasks: Task[] })[];
}

// StreamsGroupDescribe (KIP-1071, key 89).
const streamsGroupDescribe = createAPI<[readonly string[]], Answer[]>(
  89,
  0,
  askForGroups,
  (_correlationId: number, _key: number, _version: number, reader: Reader) => {
    reader.readInt32();
    return reader.readArray((r): Answer => {
      const errorCode = r.readInt16();
      r.readNullableString();
      const group = r.readString();
      const state = r.readString();
      r.readInt32(); // group epoch
      r.readInt32(); // assignment epoch
      const sources = r.readNullableStruct(() => readTopology(r)) ?? new Map<string, string[]>();
      const members = r.readArray(readMember);
      r.readInt32(); // authorized operations, not asked for
      return { group, state, errorCode, sources, members };
    });
  },
);

function readTopology(r: Reader): Answer['sources'] {
  r.readInt32(); // epoch
  const sources = new Map<string, string[]>();
  r.readNullableArray((rs) => {
    const id = rs.readString();
    const topics = rs.readArray((rt) => rt.readString(), true, false);
    rs.readArray((rt) => rt.readString(), true, false); // repartition sinks
    rs.readArray(readTopicInfo); // changelogs
    topics.push(...rs.readArray(readTopicInfo));
    sources.set(id, topics);
  });
  r.readTaggedFields();
  return sources;
}

function readTopicInfo(r: Reader): string {
  const name = r.readString();
  r.readInt32();
  r.readInt16();
  r.readArray(skipPair);
  return name;
}

function readMember(r: Reader): Answer['members'][number] {
  const memberId = r.readString();
  r.readInt32(); // member epoch
  const instanceId = r.readNullableString() ?? null;
  r.readNullableString(); // rack
  const clientId = r.readString();
  const host = hostOf(r.readString());
  r.readInt32(); // topology epoch
  r.readString(); // process id
  r.readNullableStruct(() => {
    r.readString();
    r.readInt16();
    r.readTaggedFields();
  });
  r.readArray(skipPair); // client tags
  r.readArray(skipTaskOffset);
  r.readArray(skipTaskOffset);
  const tasks = readActiveTasks(r);
  readActiveTasks(r); // the target: where a rebalance is heading
  r.readBoolean(); // classic
  return { memberId, clientId, host, instanceId, tasks };
}

/** Standby and warm-up tasks keep state ready and consume nothing for the group. */
function readActiveTasks(r: Reader): Task[] {
  const active = r.readArray(readTask);
  r.readArray(readTask);
  r.readArray(readTask);
  r.readTaggedFields();
  return active;
}

function readTask(r: Reader): Task {
  return { subtopology: r.readString(), partitions: r.readArray((rp) => rp.readInt32(), true, false) };
}

function skipPair(r: Reader): void {
  r.readString();
  r.readString();
}

function skipTaskOffset(r: Reader): void {
  r.readString();
  r.readInt32();
  r.readInt64();
}

/** Groups of Kafka Streams applications. Their tasks are told as the partitions of source topics that they read. */
export async function describeStreamsGroups(connection: Connection, names: readonly string[], kafka: Kafka): Promise<GroupDescription[]> {
  const answers = await streamsGroupDescribe.async(connection, names);
  // There are as many tasks as partitions of the largest source topic: the smaller ones have no such partition.
  const topics = [...new Set(answers.flatMap((answer) => [...answer.sources.values()].flat()))];
  const { topics: known } = topics.length === 0 ? { topics: new Map<string, { partitions: readonly unknown[] }>() } : await kafka.connections.metadata({ topics });
  return answers.map(({ group, state, errorCode, sources, members }) =>
    describedGroup({ group, protocol: null, state, errorCode }, () =>
      members.map(({ tasks, ...member }) => {
        const byTopic = new Map<string, number[]>();
        for (const { subtopology, partitions } of tasks) {
          for (const topic of sources.get(subtopology) ?? []) {
            const count = known.get(topic)?.partitions.length ?? 0;
            byTopic.set(topic, [...(byTopic.get(topic) ?? []), ...partitions.filter((partition) => partition < count)]);
          }
        }
        return { ...member, assignments: [...byTopic].filter(([, partitions]) => partitions.length > 0).map(([topic, partitions]) => ({ topic, partitions: partitions.toSorted((a, b) => a - b) })) };
      }),
    ),
  );
}
