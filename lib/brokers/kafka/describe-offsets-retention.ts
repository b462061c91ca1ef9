import { ConfigResourceTypes, describeConfigsV4 } from '@platformatic/kafka';
import { answerOf, type Kafka } from './connect.ts';

const KEY = 'offsets.retention.minutes';

/**
 * How long the brokers keep the offsets of a group that nobody is at work in (KIP-211), as one of them says.
 * @returns milliseconds; null where Waybill's user may not see the settings (DESCRIBE_CONFIGS on the cluster)
 */
export async function describeOffsetsRetention(kafka: Kafka): Promise<number | null> {
  const [node] = (await kafka.connections.metadata({ topics: [] })).nodes;
  if (!node) return null;
  // Settings of a broker are told by that broker alone.
  const connection = await kafka.connections.node(node.nodeId);
  const { results } = await answerOf(describeConfigsV4.api.async(connection, [{ resourceType: ConfigResourceTypes.BROKER, resourceName: String(node.nodeId), configurationKeys: [KEY] }], false, false));
  const value = results[0]?.errorCode === 0 ? results[0].configs.find(({ name }) => name === KEY)?.value : null;
  return typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) * 60_000 : null;
}
