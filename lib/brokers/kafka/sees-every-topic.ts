import { randomUUID } from 'node:crypto';
import type { Kafka } from './connect.ts';

const UNKNOWN_TOPIC_OR_PARTITION = 3;
const TOPIC_AUTHORIZATION_FAILED = 29;

/**
 * Whether Waybill's user may see every topic. Asked is about a topic that nobody has: who may see every topic is told that there is none, who may see only
 * some is told that the right is missing, because the broker does not tell the two apart. A rule that denies one topic by name is not found by this.
 * @returns null where that can't be said
 */
export async function seesEveryTopic(kafka: Kafka): Promise<boolean | null> {
  const name = randomUUID();
  const { topics } = await kafka.connections.metadata({ topics: [name] });
  const code = topics.get(name)?.errorCode;
  return code === UNKNOWN_TOPIC_OR_PARTITION ? true : code === TOPIC_AUTHORIZATION_FAILED ? false : null;
}
