import type { Kafka } from './connect.ts';
import { describeLogDirs, type LogSizes } from './describe-log-dirs.ts';
import { describeTopicConfigs } from './describe-topic-configs.ts';
import { failureOfError } from './failure.ts';
import type { BrokerFailure } from '../port-offsets.ts';
import type { TopicFacts, TopicFactsSnapshot } from '../port-topics.ts';

/** Replicas, settings and sizes of every topic: one Metadata, one DescribeLogDirs a broker and one DescribeConfigs per thousand topics whose settings are asked for. */
export async function describeTopics(kafka: Kafka, { signal, withConfig = () => true }: { signal: AbortSignal; withConfig?: (topic: string) => boolean }): Promise<TopicFactsSnapshot> {
  const { topics, nodes } = await kafka.connections.metadata();
  signal.throwIfAborted();
  const readable = [...topics.values()].filter((topic) => topic.errorCode === 0);
  const configured = new Set(readable.map((topic) => topic.name).filter(withConfig));
  const sizes = new Map<number, LogSizes>();
  const sizeFailures = new Map<number, BrokerFailure>();
  const [configs] = await Promise.all([
    describeTopicConfigs(kafka, [...configured], signal),
    ...nodes.map(async ({ nodeId }) => {
      try {
        sizes.set(nodeId, await describeLogDirs(kafka, await kafka.connections.node(nodeId)));
      } catch (error) {
        sizeFailures.set(nodeId, failureOfError(error));
      }
    }),
  ]);
  return {
    topics: readable.map((topic): TopicFacts => {
      const answer = configs.answers.get(topic.name);
      return {
        name: topic.name,
        topicId: topic.topicId,
        internal: topic.internal,
        partitions: topic.partitions
          .toSorted((a, b) => a.partition - b.partition)
          .map(({ partition, leader, replicas, inSyncReplicas }) => ({ leader, replicas, inSyncReplicas, bytes: leader === null ? null : (sizes.get(leader)?.get(topic.name)?.get(partition) ?? null) })),
        config: answer?.config ?? null,
        configFailure: answer || !configured.has(topic.name) ? (answer?.failure ?? null) : { code: 'no-answer', message: 'The broker did not answer for this topic.', retryable: true },
      };
    }),
    sizeFailures,
    requests: 1 + nodes.length + configs.requests,
  };
}
