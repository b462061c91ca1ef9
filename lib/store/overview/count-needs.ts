import { IS_REPLAYING } from '../dead-letters/current-state.ts';
import type { Statements } from '../store.ts';

export interface NeedCounts {
  /** Groups that lose data, stopped or stalled. */
  lag: number;
  /** Causes with new dead letters that nobody muted. */
  failures: number;
  /** Replays that wait for a person: a decision, a canary, or an approval; and rules that stopped replaying by themselves. */
  replays: number;
  /** Firing alerts. */
  alerts: number;
  /** Journeys stuck or failed in the last hour. */
  journeys: number;
}

/** What needs a person now, as counts for the rail. One round trip; each part is bounded by an index or a small table. */
export async function countNeeds(on: Statements, now: Date): Promise<NeedCounts> {
  const [row] = await on.query<Record<keyof NeedCounts, number>>(
    `select
       (select count(*)::int from consumer_group where deleted_at is null and status in ('losing-data', 'stopped', 'stalled')) as lag,
       (select count(*)::int from failure f where (f.muted_until is null or f.muted_until < $1)
          and exists (select 1 from dead_letter d where d.failure_id = f.id and d.state in ('new', 'failed-again') and not ${IS_REPLAYING})) as failures,
       (select count(*)::int from replay where state in ('needs-decision', 'canary', 'awaiting-approval')) + (select count(*)::int from replay_rule where state = 'stopped') as replays,
       (select count(*)::int from alert where coalesce(held_phase, state) in ('firing', 'recovering')) as alerts,
       (select count(*)::int from journey where state in ('stuck', 'failed') and last_activity_at > $1::timestamptz - interval '1 hour') as journeys`,
    [now],
  );
  return row ?? { lag: 0, failures: 0, replays: 0, alerts: 0, journeys: 0 };
}
