import type { Statements } from '../store.ts';

export interface GroupRow {
  id: number;
  type: string;
  state: string;
  coordinator: number | null;
  status: string;
  statusSince: Date | null;
  /** The last status that was not "unknown". */
  knownStatus: string | null;
  knownSince: Date | null;
  rebalancingSince: Date | null;
  failedSince: Date | null;
  lastGoodAt: Date | null;
  lastError: string | null;
  memberlessSince: Date | null;
  /** What became of commits that are gone, as JSON. */
  ended: string | null;
}

/**
 * Rows of groups seen for the first time, or back after they were gone.
 * @returns row id by name
 */
export async function insertGroups(on: Statements, clusterId: number, names: readonly string[], at: Date): Promise<Map<string, number>> {
  if (names.length === 0) return new Map();
  const rows = await on.query<{ id: number; name: string }>(
    `insert into consumer_group (cluster_id, name, first_seen_at) select $1, n.name, $3 from unnest($2::text[]) as n(name)
     on conflict (cluster_id, name) do update set deleted_at = null, ended = null, memberless_since = null, hidden = null returning id, name`,
    [clusterId, names, at],
  );
  // A group that comes back starts anew: what its namesake had committed is not its own.
  await on.execute('delete from group_partition_offset where group_id = any($1::int[])', [rows.map((row) => row.id)]);
  return new Map(rows.map((row) => [row.name, row.id]));
}

export async function updateGroups(on: Statements, rows: readonly GroupRow[]): Promise<number> {
  if (rows.length === 0) return 0;
  return on.execute(
    `update consumer_group g set type = n.type, state = n.state, coordinator = n.coordinator, status = n.status, status_since = n.status_since,
       failed_since = n.failed_since, last_good_at = n.last_good_at, last_error = n.last_error,
       known_status = n.known_status, known_since = n.known_since, rebalancing_since = n.rebalancing_since, memberless_since = n.memberless_since, ended = n.ended::jsonb,
       members = case when n.state in ('Empty', 'Dead') then '[]'::jsonb else g.members end
     from unnest($1::int[], $2::text[], $3::text[], $4::int[], $5::text[], $6::timestamptz[], $7::timestamptz[], $8::timestamptz[], $9::text[], $10::text[], $11::timestamptz[], $12::timestamptz[], $13::timestamptz[], $14::text[])
       as n(id, type, state, coordinator, status, status_since, failed_since, last_good_at, last_error, known_status, known_since, rebalancing_since, memberless_since, ended)
     where g.id = n.id`,
    [
      rows.map((r) => r.id),
      rows.map((r) => r.type),
      rows.map((r) => r.state),
      rows.map((r) => r.coordinator),
      rows.map((r) => r.status),
      rows.map((r) => r.statusSince),
      rows.map((r) => r.failedSince),
      rows.map((r) => r.lastGoodAt),
      rows.map((r) => r.lastError),
      rows.map((r) => r.knownStatus),
      rows.map((r) => r.knownSince),
      rows.map((r) => r.rebalancingSince),
      rows.map((r) => r.memberlessSince),
      rows.map((r) => r.ended),
    ],
  );
}

export async function updateMembers(on: Statements, rows: readonly { id: number; members: string; protocol: string | null; at: Date }[]): Promise<number> {
  if (rows.length === 0) return 0;
  return on.execute(
    `update consumer_group g set members = n.members::jsonb, protocol = n.protocol, members_at = n.at
     from unnest($1::int[], $2::text[], $3::text[], $4::timestamptz[]) as n(id, members, protocol, at) where g.id = n.id`,
    [rows.map((r) => r.id), rows.map((r) => r.members), rows.map((r) => r.protocol), rows.map((r) => r.at)],
  );
}

/** What the members of these groups read and Waybill may not see. */
export async function updateHidden(on: Statements, rows: readonly { id: number; hidden: unknown }[]): Promise<void> {
  if (rows.length === 0) return;
  await on.execute('update consumer_group g set hidden = n.hidden::jsonb from unnest($1::int[], $2::text[]) as n(id, hidden) where g.id = n.id', [rows.map((r) => r.id), rows.map((r) => (r.hidden === null ? null : JSON.stringify(r.hidden)))]);
}

/**
 * Groups that the brokers list no more. One that had records waiting is "expired", not recovered; the others just end.
 */
export async function deleteGroups(on: Statements, gone: readonly { id: number; expired: boolean; ended: unknown }[], at: Date): Promise<void> {
  if (gone.length === 0) return;
  await on.execute(
    `update consumer_group g set deleted_at = $3, ended = n.ended::jsonb, members = '[]'::jsonb, state = 'Dead',
       status_since = case when n.expired and g.status <> 'expired' then $3 else g.status_since end,
       status = case when n.expired then 'expired' else 'empty' end
     from unnest($1::int[], $2::boolean[], $4::text[]) as n(id, expired, ended) where g.id = n.id`,
    [gone.map((g) => g.id), gone.map((g) => g.expired), at, gone.map((g) => JSON.stringify(g.ended))],
  );
}
