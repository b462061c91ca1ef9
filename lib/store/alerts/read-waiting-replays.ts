import type { WaitingReplayFact } from '#lib/model/alert.ts';
import type { Statements } from '../store.ts';

const MOST = 500;

/** Replays that go on only when a person acts, and rules that stopped themselves, those that have waited longest first; at most 500. */
export async function readWaitingReplays(on: Statements): Promise<WaitingReplayFact[]> {
  const rows = await on.query<Omit<WaitingReplayFact, 'of'> & { replay: string | null; failure: string | null }>(
    `select * from (
       select c.name as cluster, r.id::text as replay, null::text as failure, r.state as why, r.created_by as by, case r.state when 'needs-decision' then coalesce(r.last_error, r.reason) else r.reason end as text,
         coalesce((select max(e.at) from replay_event e where e.replay_id = r.id and e.kind in ('canary-sent', 'needs-decision', 'denied', 'gave-up', 'topic-gone')), r.created_at) as since
       from replay r join cluster c on c.id = r.cluster_id where r.state in ('needs-decision', 'canary', 'awaiting-approval')
       union all
       select c.name, null, u.failure_id, 'rule-stopped', u.created_by, coalesce(u.stopped_why, u.reason), coalesce(u.stopped_at, u.created_at)
       from replay_rule u join cluster c on c.id = u.cluster_id where u.state = 'stopped') as waiting
     order by since limit $1`,
    [MOST],
  );
  return rows.map(({ replay, failure, ...fact }) => ({ ...fact, of: replay === null ? { failure: failure! } : { replay } }));
}
