import type { Connection } from '@platformatic/kafka';
import type { GroupType } from '#lib/model/lag.ts';
import type { GroupDescription } from '../port-offsets.ts';
import type { Kafka } from './connect.ts';
import { describeClassicGroups } from './describe-classic-groups.ts';
import { describeConsumerGroups } from './describe-consumer-groups.ts';
import { describeShareGroups } from './describe-share-groups.ts';
import { describeStreamsGroups } from './describe-streams-groups.ts';
import { failureOfError } from './failure.ts';

const GROUPS_PER_REQUEST = 200;

/** Each protocol has a question of its own, which knows no group of another. */
const describers = {
  classic: describeClassicGroups,
  consumer: describeConsumerGroups,
  share: describeShareGroups,
  streams: describeStreamsGroups,
} satisfies Record<string, (connection: Connection, names: readonly string[], kafka: Kafka) => Promise<GroupDescription[]>>;

type Protocol = keyof typeof describers;

const protocols: Record<GroupType, Protocol> = { classic: 'classic', simple: 'classic', unknown: 'classic', consumer: 'consumer', share: 'share', streams: 'streams' };

/** What a group may have become since it was listed: members migrate a live group from classic to KIP-848 and back, and an application to KIP-1071 while it is empty. */
const becomes: Record<Protocol, readonly Protocol[]> = { classic: ['consumer', 'streams'], consumer: ['classic'], streams: ['classic'], share: [] };

/**
 * Members and assignments of groups of every type, at most 200 in a request. A group that changed its protocol since it was listed is asked
 * again by the protocols it may speak now, so that a migration never looks like a dead group. A group that fails is a value in the result.
 */
export async function describeGroups(kafka: Kafka, groups: readonly { name: string; type: GroupType; coordinator: number }[]): Promise<GroupDescription[]> {
  const coordinators = new Map(groups.map((group) => [group.name, group.coordinator]));
  const result = new Map<string, GroupDescription>();
  let asked = new Map(groups.map((group) => [group.name, [protocols[group.type], ...becomes[protocols[group.type]]]]));
  while (asked.size > 0) {
    const batches = new Map<string, { coordinator: number; protocol: Protocol; names: string[] }>();
    for (const [name, [protocol]] of asked) {
      const coordinator = coordinators.get(name);
      if (protocol === undefined || coordinator === undefined) continue;
      const key = `${coordinator} ${protocol}`;
      const batch = batches.get(key) ?? { coordinator, protocol, names: [] };
      batch.names.push(name);
      batches.set(key, batch);
    }
    const again = new Map<string, Protocol[]>();
    for (const { coordinator, protocol, names } of batches.values()) {
      for (let i = 0; i < names.length; i += GROUPS_PER_REQUEST) {
        for (const described of await describeChunk(kafka, coordinator, protocol, names.slice(i, i + GROUPS_PER_REQUEST))) {
          const others = asked.get(described.group)?.slice(1) ?? [];
          if (isAnother(described) && others.length > 0) again.set(described.group, others);
          // The first answer stays where no other protocol knows the group either: it was deleted.
          if (!isAnother(described) || !result.has(described.group)) result.set(described.group, described);
        }
      }
    }
    asked = again;
  }
  return [...result.values()];
}

async function describeChunk(kafka: Kafka, coordinator: number, protocol: Protocol, names: readonly string[]): Promise<GroupDescription[]> {
  try {
    return await describers[protocol](await kafka.connections.node(coordinator), names, kafka);
  } catch (error) {
    const failure = failureOfError(error);
    return names.map((group) => ({ group, members: null, protocol: null, state: null, failure }));
  }
}

/** How a protocol says that it has no such group: an error, or below DescribeGroups v6 a state without one. */
function isAnother(described: GroupDescription): boolean {
  return described.failure?.code === 'group-id-not-found' || (described.failure === null && described.state === 'Dead');
}
