import type { Statements } from '../store.ts';

export interface CycleFigures {
  durationMs: number;
  readMs: number;
  requests: number;
  groups: number;
  groupsFailed: number;
  partitions: number;
  partitionsFailed: number;
  groupPartitions: number;
  clamped: number;
  throttledMs: number;
  intervalMs: number;
  rowsWritten: number;
  /** Waybill's user may see only some topics; null = not known. */
  topicsHidden: boolean | null;
  /** When the last cycles read, epoch ms, in order. */
  cycleTimes: readonly number[];
}

/** After a cycle that read at least something. */
export async function saveClusterCycle(
  on: Statements,
  cluster: { id: number; brokers: readonly unknown[]; controllerId: number | null; state: 'ok' | 'partial'; lastError: string | null; at: Date; figures: CycleFigures },
): Promise<void> {
  await on.execute('update cluster set brokers = $2, controller_id = $3, state = $4, last_error = $5, down_since = null, last_cycle_at = $6, last_cycle = $7 where id = $1', [
    cluster.id,
    JSON.stringify(cluster.brokers),
    cluster.controllerId,
    cluster.state,
    cluster.lastError,
    cluster.at,
    JSON.stringify(cluster.figures),
  ]);
}

/** After a cycle in which no broker answered. Everything else stays: the last good figures, with their age. */
export async function saveClusterDown(on: Statements, name: string, error: string, at: Date): Promise<void> {
  await on.execute(`update cluster set state = 'down', last_error = $2, down_since = coalesce(down_since, $3) where name = $1`, [name, error, at]);
}
