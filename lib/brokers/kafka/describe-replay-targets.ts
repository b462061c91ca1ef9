import { ConfigResourceTypes, metadataV9, metadataV12 } from '@platformatic/kafka';
import type { ReplayTarget } from '#lib/model/replay.ts';
import { answerOf, type Kafka } from './connect.ts';

const UNKNOWN_TOPIC_OR_PARTITION = 3;
/** Kafka's own default of max.message.bytes. */
const DEFAULT_MAX_BATCH_BYTES = 1_048_588;
/** AclOperation.WRITE; the broker answers with one bit an operation (KIP-430). */
const WRITE_BIT = 1 << 4;
const NOT_TOLD = -2_147_483_648;

/**
 * Partitions, size limit, compaction and the right to write of each topic that exists.
 * @throws where the cluster does not answer; where only its configuration may not be read, Kafka's defaults stand in
 */
export async function describeReplayTargets(kafka: Kafka, topics: readonly string[]): Promise<Map<string, ReplayTarget>> {
  const names = [...new Set(topics)];
  if (names.length === 0) return new Map();
  const metadata = await metadataOf(kafka, names);
  const existing = metadata.topics.filter((topic) => topic.errorCode === 0 && topic.name !== null);
  const configs = await kafka.admin
    .describeConfigs({ resources: existing.map((topic) => ({ resourceType: ConfigResourceTypes.TOPIC, resourceName: topic.name!, configurationKeys: ['max.message.bytes', 'cleanup.policy'] })) })
    .catch(() => []); // Describe on a topic does not include DescribeConfigs
  return new Map(
    existing.map((topic) => {
      const config = (name: string) => configs.find((one) => one.resourceName === topic.name)?.configs.find((entry) => entry.name === name)?.value ?? null;
      const operations = topic.topicAuthorizedOperations;
      return [
        topic.name!,
        {
          topic: topic.name!,
          partitionCount: topic.partitions.length,
          maxBatchBytes: Number(config('max.message.bytes') ?? DEFAULT_MAX_BATCH_BYTES),
          compacted: (config('cleanup.policy') ?? '').includes('compact'),
          writable: operations === NOT_TOLD ? null : (operations & WRITE_BIT) !== 0,
        } satisfies ReplayTarget,
      ];
    }),
  );
}

/** Topics that the broker does not know. @throws where the cluster does not answer */
export async function missingTopics(kafka: Kafka, topics: readonly string[]): Promise<string[]> {
  const names = [...new Set(topics)];
  if (names.length === 0) return [];
  const { topics: answered } = await metadataOf(kafka, names);
  return answered.flatMap((topic) => (topic.errorCode === UNKNOWN_TOPIC_OR_PARTITION && topic.name ? [topic.name] : []));
}

async function metadataOf(kafka: Kafka, names: string[]) {
  const connection = await kafka.connections.any();
  const version = await kafka.connections.version(connection, metadataV12.api.key, [9, 12]);
  return answerOf(version === 12 ? metadataV12.api.async(connection, names, false, true) : metadataV9.api.async(connection, names, false, false, true));
}
