import type { Statements } from '../store.ts';

export interface OldRows {
  table: string;
  /** Condition on the rows to go; $1 is the moment before which they are too old. */
  where: string;
  /** Rows of other tables that belong to them: `id` of the parent is in $1. */
  children?: readonly { table: string; column: string }[];
  key: string;
  keyType: 'uuid' | 'text' | 'bytea' | 'ctid';
}

/** What goes when, except for whole partitions. The SQL is fixed here and holds nothing from outside. */
export const OLD_ROWS = {
  brokerRequests: {
    table: 'broker_request',
    key: 'id',
    keyType: 'uuid',
    where: `created_at < $1 and (state in ('done', 'failed', 'cancelled') or deadline < $1)`,
    children: [{ table: 'broker_request_chunk', column: 'request_id' }],
  },
  sessions: { table: 'session', key: 'id_hash', keyType: 'bytea', where: 'expires_at < $1 or revoked_at < $1' },
  signInLinks: { table: 'sign_in_link', key: 'token_hash', keyType: 'bytea', where: 'expires_at < $1' },
  lagRollups: { table: 'lag_rollup', key: 'ctid', keyType: 'ctid', where: 'hour < $1' },
  markers: { table: 'marker', key: 'id', keyType: 'uuid', where: 'at < $1' },
  clusterMinutes: { table: 'cluster_minute', key: 'ctid', keyType: 'ctid', where: 'minute < $1' },
  throughput: { table: 'cluster_throughput', key: 'ctid', keyType: 'ctid', where: 'until < $1' },
  folds: { table: 'offset_fold', key: 'ctid', keyType: 'ctid', where: 'hour < $1' },
  groupEvents: { table: 'group_event', key: 'ctid', keyType: 'ctid', where: 'at < $1' },
  failureHours: { table: 'failure_hour', key: 'ctid', keyType: 'ctid', where: 'hour < $1' },
  evaluations: { table: 'alert_evaluation', key: 'ctid', keyType: 'ctid', where: 'bucket < $1' },
  deliveries: {
    table: 'delivery',
    key: 'id',
    keyType: 'text',
    where: `ended_at < $1 and state in ('delivered', 'failed', 'superseded')`,
    children: [{ table: 'delivery_attempt', column: 'delivery_id' }],
  },
  alerts: { table: 'alert', key: 'id', keyType: 'uuid', where: `state = 'normal' and (resolved_at < $1 or (resolved_at is null and last_evaluated_at < $1))` },
  alertGroups: {
    table: 'alert_group',
    key: 'id',
    keyType: 'uuid',
    where: `status = 'resolved' and coalesce(last_notified_at, '-infinity') < $1 and first_firing_at is null and not exists (select 1 from delivery d where d.alert_group_id = alert_group.id)`,
  },
  silences: { table: 'silence', key: 'id', keyType: 'uuid', where: 'ends_at < $1' },
  collectors: { table: 'collector_status', key: 'name', keyType: 'text', where: 'last_started_at < $1' },
  retryRecords: { table: 'retry_record', key: 'ctid', keyType: 'ctid', where: 'ingested_at < $1' },
  ways: { table: 'hop_way', key: 'ctid', keyType: 'ctid', where: 'seen_at < $1' },
  findings: { table: 'hygiene_finding', key: 'id', keyType: 'uuid', where: `state = 'resolved' and resolved_at < $1 and coalesce(muted_until, '-infinity') < $1` },
  paths: {
    table: 'expected_path',
    key: 'entry_type',
    keyType: 'text',
    where: 'learned_at < $1',
    children: [
      { table: 'expected_path_version', column: 'entry_type' },
      { table: 'expected_step_edit', column: 'entry_type' },
    ],
  },
  journeys: {
    table: 'journey',
    key: 'id',
    keyType: 'uuid',
    where: 'last_activity_at < $1',
    children: [
      { table: 'journey_member', column: 'journey_id' },
      { table: 'journey_alias', column: 'journey_id' },
      { table: 'journey_deviation', column: 'journey_id' },
    ],
  },
} as const satisfies Record<string, OldRows>;

/**
 * Deletes one batch of rows that are too old, with what belongs to them. Run it in a transaction of its own, so that a
 * long clean-up never holds its locks for longer than one batch.
 * @returns rows of the parent table that went; fewer than `batch` means that no more are left
 */
export async function deleteOldRows(tx: Statements, what: OldRows, before: Date, batch: number): Promise<number> {
  const rows = await tx.query<{ key: unknown }>(`select ${what.key} as key from ${what.table} where ${what.where} limit ${batch} for update skip locked`, [before]);
  if (rows.length === 0) return 0;
  const keys = rows.map((row) => row.key);
  const type = what.keyType === 'ctid' ? 'tid' : what.keyType;
  for (const child of what.children ?? []) await tx.execute(`delete from ${child.table} where ${child.column} = any($1::${type}[])`, [keys]);
  return tx.execute(`delete from ${what.table} where ${what.key} = any($1::${type}[])`, [keys]);
}
