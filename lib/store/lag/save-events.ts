import type { Statements } from '../store.ts';

export interface GroupEventRow {
  groupId: number;
  at: Date;
  kind: 'rebalance' | 'members';
  joined: number | null;
  left: number | null;
}

/** What happened to the members of groups. */
export async function insertGroupEvents(on: Statements, rows: readonly GroupEventRow[]): Promise<void> {
  if (rows.length === 0) return;
  await on.execute(
    `insert into group_event (group_id, at, kind, joined, "left") select * from unnest($1::int[], $2::timestamptz[], $3::text[], $4::int[], $5::int[]) on conflict do nothing`,
    [rows.map((r) => r.groupId), rows.map((r) => r.at.toISOString()), rows.map((r) => r.kind), rows.map((r) => r.joined), rows.map((r) => r.left)],
  );
}
