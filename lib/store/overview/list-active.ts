import type { Statements } from '../store.ts';

/** Whether an alert `a` belongs to the cluster named in $1: it names it, or none (a rule about journeys has no cluster). */
export const OF_CLUSTER = `($1::text is null or not a.labels ? 'cluster' or a.labels->>'cluster' = $1)`;

export interface ActiveAlertRow {
  id: string;
  rule_id: string;
  sentence: string;
  firing_since: Date | null;
}

/** Alerts that people were told of and not yet of their end, the oldest first. */
export async function listActiveAlerts(on: Statements, input: { cluster: string | null; phases: readonly string[]; limit: number }): Promise<ActiveAlertRow[]> {
  return on.query<ActiveAlertRow>(
    `select a.id, a.rule_id, a.sentence, a.firing_since from alert a where (a.state = any($2::text[]) or a.held_phase = any($2::text[])) and ${OF_CLUSTER} order by a.firing_since limit $3`,
    [input.cluster, input.phases, input.limit],
  );
}

export interface FailingCollectorRow {
  name: string;
  last_ok_at: Date | null;
  last_error: string | null;
}

/** Collectors that failed at least so many times in a row: those of the cluster ("offsets:shop"), and those that all clusters share. */
export async function listFailingCollectors(on: Statements, input: { cluster: string | null; failures: number; limit: number }): Promise<FailingCollectorRow[]> {
  return on.query<FailingCollectorRow>(
    `select name, last_ok_at, last_error from collector_status
     where consecutive_failures >= $2 and ($1::text is null or position(':' in name) = 0 or substr(name, position(':' in name) + 1) = $1) order by name limit $3`,
    [input.cluster, input.failures, input.limit],
  );
}
