import type { Statements } from '../store.ts';

/** More marks than this are a hatch, not marks: the newest count. */
const MAX_EVENTS = 500;

export interface EventRow {
  at: Date;
  kind: string;
  joined: number | null;
  left: number | null;
}

/** Rebalances and changes of members of a group, the newest first. */
export async function readGroupEvents(on: Statements, groupId: number, from: Date, to: Date): Promise<EventRow[]> {
  return on.query<EventRow>(`select at, kind, joined, "left" from group_event where group_id = $1 and at >= $2 and at < $3 order by at desc limit ${MAX_EVENTS}`, [groupId, from, to]);
}

export interface MarkerRow {
  id: string;
  at: Date;
  text: string;
  author: string;
}

/** What people and pipelines said about this time, of the group or of its whole cluster; the newest first. */
export async function readMarkers(on: Statements, clusterId: number, groupId: number, from: Date, to: Date): Promise<MarkerRow[]> {
  return on.query<MarkerRow>(`select id, at, text, author from marker where cluster_id = $1 and (group_id is null or group_id = $2) and at >= $3 and at < $4 order by at desc limit ${MAX_EVENTS}`, [clusterId, groupId, from, to]);
}

/**
 * Services whose spans say that they handled records of this group lately. Looks at the newest spans of a few partitions by their offsets,
 * which an index gives: never through all spans of a topic, and never through those of another cluster.
 */
export async function readServicesOfGroup(on: Statements, clusterId: number, groupId: number, groupName: string): Promise<string[]> {
  const rows = await on.query<{ service: string }>(
    `select distinct s.service from (
       select t.name, p.partition, p.committed_offset from group_partition_offset p join topic t on t.id = p.topic_id
       where p.group_id = $1 and p.committed_offset is not null order by p.committed_at desc nulls last limit 6
     ) at cross join lateral (
       -- Cut after the filter: spans of other groups, and of sending, lie at the same offsets.
       select service from span where topic = at.name and partition = at.partition and (cluster_id is null or cluster_id = $3) and "offset" >= at.committed_offset - 100 and "offset" <= at.committed_offset
         and service is not null and operation = 'process' and (group_name = $2 or group_name is null) limit 200
     ) s limit 20`,
    [groupId, groupName, clusterId],
  );
  return rows.map((row) => row.service);
}

export interface VersionRow {
  service: string;
  version: string;
  at: Date;
}

/** When instances of these services were first heard of, with their versions: the last one before `from` and those inside, oldest first. */
export async function readVersions(on: Statements, services: readonly string[], from: Date, to: Date): Promise<VersionRow[]> {
  if (services.length === 0) return [];
  return on.query<VersionRow>(
    `select service, attributes->>'service.version' as version, first_seen_at as at from resource
     where service = any($1::text[]) and attributes ? 'service.version' and first_seen_at >= $2 and first_seen_at < $3
     union all
     select b.service, b.version, b.at from unnest($1::text[]) as one(name) cross join lateral (
       select service, attributes->>'service.version' as version, coalesce(first_seen_at, 'epoch') as at from resource
       where service = one.name and attributes ? 'service.version' and coalesce(first_seen_at, 'epoch') < $2 order by 3 desc, id desc limit 1
     ) b
     order by at limit 2000`,
    [services, from, to],
  );
}
