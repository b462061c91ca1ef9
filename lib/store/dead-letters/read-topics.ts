import type { Statements } from '../store.ts';

export interface DeadLetterTopic {
  cluster: string;
  name: string;
  roleSource: string | null;
  partitions: number;
  lastReadAt: Date | null;
  /** Why a partition of it can't be read now; null where all can. */
  error: string | null;
  failingSince: Date | null;
}

/** Present dead-letter topics and how reading them goes. */
export async function readTopics(on: Statements, cluster: string | null): Promise<DeadLetterTopic[]> {
  return on.query<DeadLetterTopic>(
    `select c.name as cluster, t.name, t.role_source as "roleSource", t.partition_count as partitions, max(p.last_read_at) as "lastReadAt", max(p.last_error) as error, min(p.failing_at) as "failingSince"
     from topic t join cluster c on c.id = t.cluster_id left join dead_letter_position p on p.topic_id = t.id
     where t.role = 'dead-letter' and t.deleted_at is null and ($1::text is null or c.name = $1) group by 1, 2, 3, 4 order by 1, 2`,
    [cluster],
  );
}
