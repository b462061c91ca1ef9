import { TOPICS_KEPT } from '#lib/lag/measure-throughput.ts';
import type { Statements } from '../store.ts';

/** Readings of a day and hours of a month, of several clusters. */
const MAX_ROWS = 20_000;

export interface BusiestTopic {
  cluster_id: number;
  cluster: string;
  topic: string;
  /** Incarnations of this name in that time. */
  ids: number[];
}

/** Topics with most records written since `from`, the most first. */
export async function readBusiestTopics(on: Statements, { cluster, from, limit }: { cluster: string | null; from: Date; limit: number }): Promise<BusiestTopic[]> {
  return on.query<BusiestTopic>(
    `select c.id as cluster_id, c.name as cluster, t.name as topic, array_agg(t.id) as ids
     from (
       select r.cluster_id, x.id, sum(x.records) as records from cluster_throughput r cross join lateral unnest(r.topic_ids, r.topic_records) as x(id, records)
       where r.until > $2 and x.records > 0 and ($1::text is null or r.cluster_id = (select id from cluster where name = $1)) group by 1, 2
     ) w join topic t on t.id = w.id join cluster c on c.id = w.cluster_id
     group by 1, 2, 3 order by sum(w.records) desc, 2, 3 limit $3`,
    [cluster, from, limit],
  );
}

export interface ThroughputRowRead {
  cluster_id: number;
  since: Date;
  until: Date;
  seconds: number;
  records: bigint;
  unknown_topics: number;
  /** Of the topics asked for, in their order; null where not known, or too little to be kept. */
  asked: (bigint | null)[];
}

/** Readings since `from`, oldest first, with the records of these topics (row ids). */
export async function readThroughput(on: Statements, { cluster, from, topicIds }: { cluster: string | null; from: Date; topicIds: readonly number[] }): Promise<ThroughputRowRead[]> {
  const rows = await on.query<ThroughputRowRead>(
    `select r.cluster_id, r.since, r.until, r.seconds, r.records, r.unknown_topics, array(
       -- A topic that is not in a list with room in it wrote nothing.
       select case when p.at is not null then r.topic_records[p.at] when cardinality(r.topic_ids) < ${TOPICS_KEPT} then 0 end
       from unnest($3::int[]) with ordinality as w(id, n) cross join lateral (select array_position(r.topic_ids, w.id) as at) p order by w.n
     )::bigint[] as asked
     from cluster_throughput r where r.until > $2 and ($1::text is null or r.cluster_id = (select id from cluster where name = $1)) order by r.until desc limit ${MAX_ROWS}`,
    [cluster, from, topicIds],
  );
  return rows.reverse();
}
