import type { Statements } from '../store.ts';

export interface RetryTopic {
  id: number;
  name: string;
  kafkaTopicId: string;
  partitions: number;
}

/** The present retry topics of a cluster. The collector of dead letters finds them and gives them their role. */
export async function readRetryTopics(on: Statements, clusterId: number): Promise<RetryTopic[]> {
  return await on.query(`select id, name, kafka_topic_id as "kafkaTopicId", partition_count as partitions from topic where cluster_id = $1 and role = 'retry' and deleted_at is null order by name`, [clusterId]);
}
