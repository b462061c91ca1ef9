import type { Kafka } from './connect.ts';
import type { TopicIncarnation } from '../port-records.ts';

/** Every topic of the cluster in one Metadata request; topics that answer with an error are left out. */
export async function listTopics(kafka: Kafka): Promise<TopicIncarnation[]> {
  const { topics } = await kafka.connections.metadata();
  return [...topics.values()]
    .filter((topic) => topic.errorCode === 0)
    .map((topic) => ({
      name: topic.name,
      topicId: topic.topicId,
      internal: topic.internal,
      partitions: topic.partitions.length,
      replicationFactor: topic.partitions[0]?.replicas.length ?? null,
    }));
}
