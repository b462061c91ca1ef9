import type { Statements } from '../store.ts';

export interface GroupLogRow {
  id: string;
  endpoint_id: string;
  group_key: string;
  told_firing: string[];
  first_firing_at: Date | null;
  last_notified_at: Date | null;
  /** When the oldest notification of the group that has not arrived was made; null when all have ended. */
  undelivered_since: Date | null;
}

/** The notification logs of a rule, locked: a delivery that fails meanwhile waits to see what is enqueued here. */
export async function readGroupLogs(tx: Statements, keyPrefix: string): Promise<GroupLogRow[]> {
  const rows = await tx.query<Omit<GroupLogRow, 'undelivered_since'>>(
    `select id, endpoint_id, group_key, told_firing, first_firing_at, last_notified_at from alert_group where starts_with(group_key, $1) order by id for update`,
    [keyPrefix],
  );
  const waiting = await tx.query<{ alert_group_id: string; since: Date }>(
    `select alert_group_id, min(created_at) as since from delivery
     where alert_group_id = any($1::uuid[]) and state in ('waiting', 'sending', 'failed')
       and created_at > coalesce((select max(created_at) from delivery done where done.alert_group_id = delivery.alert_group_id and done.state = 'delivered'), '-infinity')
     group by alert_group_id`,
    [rows.map((row) => row.id)],
  );
  return rows.map((row) => ({ ...row, undelivered_since: waiting.find((entry) => entry.alert_group_id === row.id)?.since ?? null }));
}
