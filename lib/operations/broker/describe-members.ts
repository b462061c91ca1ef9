import type { Broker } from '#lib/brokers/broker.ts';
import type { GroupDescription } from '#lib/brokers/port-offsets.ts';
import type { ClusterState, GroupState } from '#lib/lag/cluster-state.ts';
import { hiddenFrom, type HiddenTopics, stillHidden } from '#lib/lag/hidden-topics.ts';
import { memberChanges } from '#lib/lag/member-changes.ts';
import { type GroupMember, MISSING_RIGHT } from '#lib/model/lag.ts';
import { type GroupEventRow, insertGroupEvents } from '#lib/store/lag/save-events.ts';
import { updateHidden, updateMembers } from '#lib/store/lag/save-groups.ts';
import type { Store } from '#lib/store/store.ts';

/** Members change with the group's state, which every cycle sees; besides that they are asked this often. */
const DESCRIBE_EVERY_MS = 60_000;
/** Topics that members name and the cluster does not, asked about at once. */
const MAX_UNSEEN = 500;

/** Asks for the members of the groups whose turn it is, and for what they read that Waybill may not see; stores what changed. */
export async function describeMembers(store: Store, broker: Broker, cluster: ClusterState, nowMs: number, signal: AbortSignal): Promise<void> {
  await updateHidden(store, seenAgain(cluster));
  const due = [...cluster.groups.values()].filter((group) => group.coordinator !== null && group.state !== 'Empty' && group.state !== 'Dead' && (group.describedAt === null || nowMs - group.describedAt >= DESCRIBE_EVERY_MS));
  if (due.length === 0 || signal.aborted) return;
  const rows: { id: number; members: string; protocol: string | null; at: Date }[] = [];
  const events: GroupEventRow[] = [];
  const hiding: { id: number; hidden: HiddenTopics | null }[] = [];
  const described = await broker.describeGroups(due.map((group) => ({ name: group.name, type: group.type, coordinator: group.coordinator ?? -1 })));
  const refused = await refusedTopics(broker, cluster, described);
  for (const told of described) {
    const group = cluster.groups.get(told.group);
    if (!group) continue;
    group.describedAt = nowMs;
    const hidden = hiddenOf(told, group, refused);
    if (JSON.stringify(hidden) !== JSON.stringify(group.hidden)) {
      group.hidden = hidden;
      hiding.push({ id: group.id, hidden });
    }
    if (told.members === null) continue;
    group.memberCount = told.members.length;
    const json = JSON.stringify(told.members);
    if (json === group.membersJson) continue;
    const changes = group.membersJson === null ? null : memberChanges(JSON.parse(group.membersJson) as GroupMember[], told.members);
    if (changes !== null) events.push({ groupId: group.id, at: new Date(nowMs), kind: 'members', ...changes });
    group.membersJson = json;
    rows.push({ id: group.id, members: json, protocol: told.protocol, at: new Date(nowMs) });
  }
  await updateMembers(store, rows);
  await updateHidden(store, hiding);
  await insertGroupEvents(store, events);
}

/** Of the topics that members name and no list does, those that may not be seen, with the reason. */
async function refusedTopics(broker: Broker, cluster: ClusterState, described: readonly GroupDescription[]): Promise<Map<string, string>> {
  const unseen = new Set<string>();
  for (const { members } of described) {
    for (const { assignments, subscriptions } of members ?? []) for (const topic of [...(subscriptions ?? []), ...assignments.map((one) => one.topic)]) if (!cluster.topics.has(topic)) unseen.add(topic);
  }
  if (unseen.size === 0) return new Map();
  const found = await broker.confirmTopicsGone([...unseen].slice(0, MAX_UNSEEN));
  return new Map([...found].flatMap(([topic, failure]) => (failure?.code === 'topic-authorization-failed' ? [[topic, failure.message] as const] : [])));
}

function hiddenOf(told: GroupDescription, group: GroupState, refused: ReadonlyMap<string, string>): HiddenTopics | null {
  // The protocols since KIP-848 hide the whole description from who may not see every topic in it, and do not say which.
  if (told.failure?.code === 'topic-authorization-failed') return { topics: [], error: `${MISSING_RIGHT} DESCRIBE every topic that "${group.name}" reads, and Kafka says neither which nor who its members are. Grant it: kafka-acls --add --allow-principal User:<Waybill's user> --operation Describe --topic '*'.` };
  if (told.members === null || told.members.length === 0) return group.hidden;
  return hiddenFrom(told.members, refused);
}

/** Topics that can be seen by now, also of groups that nobody describes because they have no members left. */
function seenAgain(cluster: ClusterState): { id: number; hidden: HiddenTopics | null }[] {
  const changed: { id: number; hidden: HiddenTopics | null }[] = [];
  for (const group of cluster.groups.values()) {
    if (group.hidden === null) continue;
    const left = cluster.topicsHidden === false && group.hidden.topics.length === 0 ? null : stillHidden(group.hidden, (topic) => cluster.topics.has(topic));
    if (left === group.hidden) continue;
    group.hidden = left;
    changed.push({ id: group.id, hidden: left });
  }
  return changed;
}
