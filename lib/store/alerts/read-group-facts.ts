import { replayGroupName } from '#lib/model/replay.ts';
import type { Statements } from '../store.ts';

export interface GroupFactRow {
  cluster: string;
  group_name: string;
  deleted_at: Date | null;
  status: string;
  status_since: Date | null;
  failed_since: Date | null;
  last_error: string | null;
  cluster_state: string;
  cluster_error: string | null;
  last_cycle_at: Date | null;
  lag_records: bigint | null;
  unknown_partitions: number;
  lag_seconds: number | null;
  lag_seconds_quality: string | null;
}

/**
 * Every group with its lag of now and its age in the latest minute of the last three.
 * A partition without a commit has no lag and is not unknown: it is left out of both.
 */
export async function readGroupFacts(on: Statements, now: Date): Promise<GroupFactRow[]> {
  return on.query<GroupFactRow>(
    `select c.name as cluster, g.name as group_name, g.deleted_at, g.status, g.status_since, g.failed_since, g.last_error,
            c.state as cluster_state, c.last_error as cluster_error, c.last_cycle_at,
            l.lag_records::bigint as lag_records, -- What its members read and Waybill may not see makes the sum one of a part.
            (coalesce(l.unknown_partitions, 0) + case when g.hidden is null then 0 else 1 end)::int as unknown_partitions,
            m.lag_seconds_last as lag_seconds, m.lag_seconds_quality
     from consumer_group g
     join cluster c on c.id = g.cluster_id
     left join (
       select p.group_id,
              sum(greatest(t.high_watermark - p.committed_offset - p.acknowledged_ahead, 0)) filter (where p.failed_since is null and t.failed_since is null and t.high_watermark is not null) as lag_records,
              count(*) filter (where p.failed_since is not null or t.failed_since is not null or t.high_watermark is null) as unknown_partitions
       from group_partition_offset p
       join topic on topic.id = p.topic_id and topic.deleted_at is null
       left join topic_partition_offset t on t.topic_id = p.topic_id and t.partition = p.partition
       where p.committed_offset is not null
       group by p.group_id
     ) l on l.group_id = g.id
     left join (
       select distinct on (group_id) group_id, lag_seconds_last, lag_seconds_quality
       from group_minute
       where minute > $1::timestamptz - interval '3 minutes' and minute <= $1
       order by group_id, minute desc
     ) m on m.group_id = g.id
     where (g.deleted_at is null or g.deleted_at > $1::timestamptz - interval '1 day')
       -- Groups that hold a replay's own progress have nothing to consume.
       and not starts_with(g.name, $2)`,
    [now, replayGroupName('')],
  );
}
