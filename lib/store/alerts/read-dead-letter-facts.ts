import type { Statements } from '../store.ts';

/** How many of a cluster's newest dead letters are looked at; beyond it a count is a lower bound, which is enough to call somebody. */
const LOOKED_AT = 20_000;

export interface DeadLetterFactRow {
  cluster: string;
  topic: string;
  count: number;
  error_class: string | null;
}

/**
 * Dead letters per topic that were written and read within the window. Both, because the first reading of an old topic
 * brings thousands that nobody needs a call for, and a record's own time may lie in the future.
 */
export async function readDeadLetterFacts(on: Statements, now: Date, withinSeconds: number): Promise<DeadLetterFactRow[]> {
  return on.query<DeadLetterFactRow>(
    `select c.name as cluster, t.name as topic, count(*)::int as count, mode() within group (order by d.error_class) as error_class
     from cluster c
     cross join lateral (
       select topic_id, error_class, timestamp, ingested_at from dead_letter where cluster_id = c.id order by seq desc limit ${LOOKED_AT}
     ) d
     join topic t on t.id = d.topic_id
     where d.ingested_at > $1::timestamptz - $2 * interval '1 second' and d.ingested_at <= $1
       and coalesce(d.timestamp, d.ingested_at) > $1::timestamptz - $2 * interval '1 second'
     group by c.name, t.name`,
    [now, withinSeconds],
  );
}
