import type { Store } from '../store.ts';

export interface CollectorRun {
  name: string;
  everyMs: number;
  /** host:pid */
  holder: string;
  startedAt: Date;
  durationMs: number;
  /** null after a success */
  error: string | null;
  /** What the collector counted; kept from the last success where this run has none. */
  figures?: Record<string, unknown> | undefined;
}

/** Keeps how the latest run of a collector went, for the screens, /metrics and the "collector is stale" alert. */
export async function recordCollectorRun(store: Store, run: CollectorRun): Promise<void> {
  const endedAt = new Date(run.startedAt.getTime() + run.durationMs);
  await store.execute(
    `insert into collector_status as s (name, every_ms, holder, last_started_at, last_ended_at, last_ok_at, last_duration_ms, last_error, consecutive_failures, figures)
     values ($1, $2, $3, $4, $5, case when $7::text is null then $5::timestamptz end, $6, $7, case when $7::text is null then 0 else 1 end, $8)
     on conflict (name) do update set
       every_ms = excluded.every_ms, holder = excluded.holder, last_started_at = excluded.last_started_at, last_ended_at = excluded.last_ended_at,
       last_ok_at = coalesce(excluded.last_ok_at, s.last_ok_at), last_duration_ms = excluded.last_duration_ms, last_error = excluded.last_error,
       consecutive_failures = case when excluded.last_error is null then 0 else s.consecutive_failures + 1 end,
       figures = coalesce(excluded.figures, s.figures)`,
    [run.name, run.everyMs, run.holder, run.startedAt, endedAt, Math.round(run.durationMs), run.error, run.figures ? JSON.stringify(run.figures) : null],
  );
}
