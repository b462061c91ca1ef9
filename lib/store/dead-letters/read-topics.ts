import type { Statements } from '../store.ts';

export interface DeadLetterTopic {
  cluster: string;
  name: string;
  role: 'dead-letter' | 'retry';
  roleSource: string | null;
  partitions: number;
  lastReadAt: Date | null;
  /** Why a partition of it can't be read now; null where all can. */
  error: string | null;
  failingSince: Date | null;
}

/** Present dead-letter topics (or those of other roles) and how reading them goes. */
export async function readTopics(on: Statements, cluster: string | null, roles: readonly ('dead-letter' | 'retry')[] = ['dead-letter']): Promise<DeadLetterTopic[]> {
  return on.query<DeadLetterTopic>(
    `select c.name as cluster, t.name, t.role, t.role_source as "roleSource", t.partition_count as partitions, max(p.last_read_at) as "lastReadAt", max(p.last_error) as error, min(p.failing_at) as "failingSince"
     from topic t join cluster c on c.id = t.cluster_id left join dead_letter_position p on p.topic_id = t.id
     where t.role = any($2) and t.deleted_at is null and ($1::text is null or c.name = $1) group by 1, 2, 3, 4, 5 order by 1, 2`,
    [cluster, roles],
  );
}

/** Rows of a retry topic that are looked at for where they came from. */
const RETRIES_A_TOPIC = 200;
const ORIGINS_A_TOPIC = 10;

/** Topics whose records ended on present dead-letter and retry topics, the most frequent first, by "<cluster>\0<topic>". Of retry topics what the last records say. */
export async function readOriginsOfTopics(on: Statements, cluster: string | null): Promise<Map<string, { topic: string; records: number }[]>> {
  const rows = await on.query<{ cluster: string; name: string; origin: string; records: number }>(
    `select c.name as cluster, t.name, o.origin, o.records::int from topic t join cluster c on c.id = t.cluster_id
     cross join lateral (
       select n.origin_topic as origin, sum(n.count) as records from dead_letter_count n where n.topic_id = t.id and n.origin_topic <> '' group by 1 having sum(n.count) > 0
       union all
       select r.origin_topic, count(*) from (select origin_topic from retry_record where topic_id = t.id and t.role = 'retry' order by topic_id, partition, "offset" desc limit $2) r where r.origin_topic is not null group by 1
     ) o
     where t.role in ('dead-letter', 'retry') and t.deleted_at is null and ($1::text is null or c.name = $1) order by 1, 2, 4 desc, 3`,
    [cluster, RETRIES_A_TOPIC],
  );
  const found = new Map<string, { topic: string; records: number }[]>();
  for (const row of rows) {
    const key = `${row.cluster}\0${row.name}`;
    const list = found.get(key) ?? [];
    found.set(key, list);
    if (list.length < ORIGINS_A_TOPIC) list.push({ topic: row.origin, records: row.records });
  }
  return found;
}
