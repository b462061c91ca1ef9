import type { Statements } from '../store.ts';

export interface GroupPartitionFigures {
  topic_id: number;
  topic: string;
  partition: number;
  committed_offset: bigint | null;
  acknowledged_ahead: bigint;
  committed_at: Date | null;
  previous_offset: bigint | null;
  oldest_at: Date | null;
  oldest_quality: string | null;
  status: string;
  status_since: Date | null;
  /** The end when the commit last moved. */
  end_at_commit: bigint | null;
  watched_since: Date;
  high_watermark: bigint | null;
  last_stable_offset: bigint | null;
  log_start_offset: bigint | null;
  leader: number | null;
  /** When the log's figures last moved. */
  changed_at: Date | null;
  failed_since: Date | null;
  last_error: string | null;
}

/** Current offsets of one group's partitions, in the order of topic and partition. */
export async function readGroupPartitions(on: Statements, groupId: number): Promise<GroupPartitionFigures[]> {
  return on.query<GroupPartitionFigures>(
    `select topic.id as topic_id, topic.name as topic, o.partition, o.committed_offset, o.acknowledged_ahead, o.committed_at, o.previous_offset, o.oldest_at, o.oldest_quality, o.status, o.status_since, o.end_at_commit, o.watched_since,
       t.high_watermark, t.last_stable_offset, t.log_start_offset, t.leader, t.changed_at, t.failed_since, t.last_error
     from group_partition_offset o join topic on topic.id = o.topic_id and topic.deleted_at is null
     left join topic_partition_offset t on t.topic_id = o.topic_id and t.partition = o.partition
     where o.group_id = $1 order by topic.name, o.partition limit 20000`,
    [groupId],
  );
}
