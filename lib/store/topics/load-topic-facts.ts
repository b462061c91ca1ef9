import type { Statements } from '../store.ts';

export interface StoredTopicFacts {
  id: number;
  name: string;
  kafka_topic_id: string;
  config: Record<string, string> | null;
  config_error: string | null;
  replicas: number[][] | null;
  in_sync_replicas: number[][] | null;
  partition_bytes: (bigint | null)[] | null;
  size_error: string | null;
  end_total: bigint | null;
  end_at: Date | null;
  produced_per_second: number | null;
  /** null: no row yet. */
  changed_at: Date | null;
  /** Sum of the end offsets as stored now; null where one is not known. */
  end_now: bigint | null;
}

/** What is stored of a cluster's topics, with their end offsets, and when these were read. */
export async function loadTopicFacts(on: Statements, clusterId: number): Promise<{ endsReadAt: Date | null; topics: StoredTopicFacts[] }> {
  // One statement, so that the offsets and the moment of their reading belong together.
  const rows = await on.query<StoredTopicFacts & { last_cycle_at: Date | null }>(
    `select t.id, t.name, t.kafka_topic_id, c.last_cycle_at, f.config, f.config_error, f.replicas, f.in_sync_replicas, f.partition_bytes, f.size_error, f.end_total, f.end_at, f.produced_per_second, f.changed_at,
       case when o.known = t.partition_count then o.ends end as end_now
     from topic t join cluster c on c.id = t.cluster_id left join topic_facts f on f.topic_id = t.id
     left join (
       select topic_id, sum(high_watermark)::bigint as ends, (count(*) filter (where failed_since is null and high_watermark is not null))::int as known from topic_partition_offset group by topic_id
     ) o on o.topic_id = t.id
     where t.cluster_id = $1 and t.deleted_at is null`,
    [clusterId],
  );
  return { endsReadAt: rows[0]?.last_cycle_at ?? null, topics: rows };
}
