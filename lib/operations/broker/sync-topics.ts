import type { Broker } from '#lib/brokers/broker.ts';
import type { OffsetsSnapshot } from '#lib/brokers/port-offsets.ts';
import { type ClusterState, createTopicPartition, type TopicState } from '#lib/lag/cluster-state.ts';
import { deleteTopics, growTopics, insertTopics } from '#lib/store/lag/save-topics.ts';
import type { Store } from '#lib/store/store.ts';

/**
 * Takes over which topics there are: new ones, those that grew, those that are gone, those made anew under the same name.
 * @returns whether topics are gone, and the commits in them
 */
export async function syncTopics(store: Store, broker: Broker, cluster: ClusterState, snapshot: OffsetsSnapshot, at: Date): Promise<boolean> {
  const gone: TopicState[] = [];
  const added: { name: string; kafkaTopicId: string | null; partitionCount: number; replicationFactor: number | null; internal: boolean }[] = [];
  const grown: { id: number; partitionCount: number }[] = [];
  for (const topic of cluster.topics.values()) {
    const read = snapshot.topics.get(topic.name);
    // An internal topic is read only while a group uses it; that it is not read now does not mean that it is gone.
    if (!read ? !topic.internal : isRecreated(topic, read.topicId, read.highWatermarks)) gone.push(topic);
  }
  await keepUnseen(broker, gone, snapshot);
  for (const topic of gone) {
    cluster.topics.delete(topic.name);
    cluster.topicsById.delete(topic.id);
  }
  for (const read of snapshot.topics.values()) {
    const topic = cluster.topics.get(read.name);
    if (!topic) added.push({ name: read.name, kafkaTopicId: read.topicId, partitionCount: read.leaders.length, replicationFactor: read.replicationFactor, internal: read.internal });
    else if (read.leaders.length > topic.partitions.length) {
      while (topic.partitions.length < read.leaders.length) topic.partitions.push(createTopicPartition(at.getTime()));
      grown.push({ id: topic.id, partitionCount: topic.partitions.length });
    }
  }
  await deleteTopics(store, gone.map((topic) => topic.id), at);
  const ids = await insertTopics(store, cluster.clusterId, added, at);
  for (const topic of added) {
    const id = ids.get(topic.name);
    if (id === undefined) continue;
    const made: TopicState = { id, name: topic.name, kafkaTopicId: topic.kafkaTopicId ?? '', internal: topic.internal, partitions: Array.from({ length: topic.partitionCount }, () => createTopicPartition(at.getTime())) };
    cluster.topics.set(made.name, made);
    cluster.topicsById.set(id, made);
  }
  await growTopics(store, grown);
  return gone.length > 0;
}

/** A topic that is missing from the list, but may be there, stays: with its last figures, and the reason why they are old. */
async function keepUnseen(broker: Broker, gone: TopicState[], snapshot: OffsetsSnapshot): Promise<void> {
  const unseen = gone.filter((topic) => !snapshot.topics.has(topic.name));
  if (unseen.length === 0) return;
  const confirmed = await broker.confirmTopicsGone(unseen.map((topic) => topic.name));
  for (const topic of unseen) {
    const failure = confirmed.get(topic.name);
    if (failure === null) continue;
    gone.splice(gone.indexOf(topic), 1);
    const none = () => topic.partitions.map(() => null);
    const why = failure ?? { code: 'not-answered', message: 'The broker left this topic out of its answer.', retryable: true };
    snapshot.topics.set(topic.name, { name: topic.name, topicId: topic.kafkaTopicId, internal: topic.internal, replicationFactor: null, leaders: none(), highWatermarks: none(), lastStableOffsets: none(), logStartOffsets: none(), failures: new Map(topic.partitions.map((_, partition) => [partition, why])) });
  }
}

function isRecreated(topic: TopicState, topicId: string | null, ends: readonly (bigint | null)[]): boolean {
  if (topicId !== null && !topic.kafkaTopicId.startsWith('generation:') && topic.kafkaTopicId !== '') return topicId !== topic.kafkaTopicId;
  if (topicId !== null) return false;
  // Without ids: an end that went back to less than half is taken for a new log, a smaller step for a log that was cut short.
  return topic.partitions.some((partition, i) => partition.endOffset !== null && partition.endOffset > 0n && ends[i] !== null && ends[i] !== undefined && (ends[i] ?? 0n) * 2n < partition.endOffset);
}
