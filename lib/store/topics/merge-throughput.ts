import { TOPICS_KEPT } from '#lib/lag/measure-throughput.ts';
import type { Statements } from '../store.ts';

/** Hours of one statement. */
const HOURS_PER_STEP = 100;

/**
 * Makes one row of all readings of an hour, for hours that ended before `before`: charts of weeks need no minutes. One statement, so that no
 * reading is lost or counted twice. Which minutes were missing is not kept; how many seconds were read is.
 * @returns hours merged; fewer than HOURS_PER_STEP means that no more are left
 */
export async function mergeThroughput(on: Statements, before: Date): Promise<{ hours: number; more: boolean }> {
  const hours = await on.execute(
    `with due as (
       select cluster_id, date_bin('1 hour', until - interval '1 millisecond', 'epoch') as hour from cluster_throughput
       where until <= date_bin('1 hour', $1::timestamptz, 'epoch') group by 1, 2 having count(*) > 1 order by 2 limit ${HOURS_PER_STEP}
     ), gone as (
       delete from cluster_throughput c using due d where c.cluster_id = d.cluster_id and c.until > d.hour and c.until <= d.hour + interval '1 hour' returning c.*, d.hour
     ), topics as (
       select g.cluster_id, g.hour, x.id, sum(x.records)::bigint as records, row_number() over (partition by g.cluster_id, g.hour order by sum(x.records) desc, x.id) as rank
       from gone g cross join lateral unnest(g.topic_ids, g.topic_records) as x(id, records) where x.records is not null group by 1, 2, 3
     ), kept as (
       select cluster_id, hour, array_agg(id order by rank) as ids, array_agg(records order by rank) as records from topics where rank <= ${TOPICS_KEPT} group by 1, 2
     )
     insert into cluster_throughput (cluster_id, since, until, seconds, records, unknown_topics, topic_ids, topic_records)
     select g.cluster_id, min(g.since), max(g.until), sum(g.seconds), sum(g.records), max(g.unknown_topics), coalesce(min(k.ids), '{}'), coalesce(min(k.records), '{}')
     from gone g left join kept k on k.cluster_id = g.cluster_id and k.hour = g.hour group by g.cluster_id, g.hour`,
    [before],
  );
  return { hours, more: hours === HOURS_PER_STEP };
}
