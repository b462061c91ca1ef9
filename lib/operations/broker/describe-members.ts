import type { Broker } from '#lib/brokers/broker.ts';
import type { ClusterState } from '#lib/lag/cluster-state.ts';
import { memberChanges } from '#lib/lag/member-changes.ts';
import type { GroupMember } from '#lib/model/lag.ts';
import { type GroupEventRow, insertGroupEvents } from '#lib/store/lag/save-events.ts';
import { updateMembers } from '#lib/store/lag/save-groups.ts';
import type { Store } from '#lib/store/store.ts';

/** Members change with the group's state, which every cycle sees; besides that they are asked this often. */
const DESCRIBE_EVERY_MS = 60_000;

/** Asks for the members of the groups whose turn it is, and stores what changed. */
export async function describeMembers(store: Store, broker: Broker, cluster: ClusterState, nowMs: number, signal: AbortSignal): Promise<void> {
  const due = [...cluster.groups.values()].filter((group) => group.coordinator !== null && group.state !== 'Empty' && group.state !== 'Dead' && (group.describedAt === null || nowMs - group.describedAt >= DESCRIBE_EVERY_MS));
  if (due.length === 0 || signal.aborted) return;
  const rows: { id: number; members: string; protocol: string | null; at: Date }[] = [];
  const events: GroupEventRow[] = [];
  for (const described of await broker.describeGroups(due.map((group) => ({ name: group.name, type: group.type, coordinator: group.coordinator ?? -1 })))) {
    const group = cluster.groups.get(described.group);
    if (!group) continue;
    group.describedAt = nowMs;
    if (described.members === null) continue;
    group.memberCount = described.members.length;
    const json = JSON.stringify(described.members);
    if (json === group.membersJson) continue;
    const changes = group.membersJson === null ? null : memberChanges(JSON.parse(group.membersJson) as GroupMember[], described.members);
    if (changes !== null) events.push({ groupId: group.id, at: new Date(nowMs), kind: 'members', ...changes });
    group.membersJson = json;
    rows.push({ id: group.id, members: json, protocol: described.protocol, at: new Date(nowMs) });
  }
  await updateMembers(store, rows);
  await insertGroupEvents(store, events);
}
