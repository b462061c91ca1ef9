import type { Statements } from '../store.ts';

export interface FailedAgainFactRow {
  cluster: string;
  replay_id: string;
  count: number;
}

/** Replayed records whose outcome within the window was that they failed again, per replay. */
export async function readFailedAgainFacts(on: Statements, now: Date, withinSeconds: number): Promise<FailedAgainFactRow[]> {
  return on.query<FailedAgainFactRow>(
    `select c.name as cluster, i.replay_id, count(*)::int as count
     from replay_item i
     join replay r on r.id = i.replay_id
     join cluster c on c.id = r.cluster_id
     where i.state = 'failed-again' and i.outcome_at > $1::timestamptz - $2 * interval '1 second' and i.outcome_at <= $1
       and r.created_at > $1::timestamptz - interval '30 days'
     group by c.name, i.replay_id`,
    [now, withinSeconds],
  );
}
