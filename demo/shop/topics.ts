import type { Admin } from 'kafkajs';

/** The shop's topics, by what they are to the code. Dead letters and retries have one topic for each service that writes them. */
export const TOPICS = {
  carts: { name: 'carts', partitions: 6 },
  orders: { name: 'orders', partitions: 3 },
  payments: { name: 'payments', partitions: 6 },
  stock: { name: 'stock', partitions: 3 },
  notifications: { name: 'notifications', partitions: 3 },
  notificationsRetry: { name: 'notifications.retry', partitions: 3 },
  cartDead: { name: 'carts.dlq', partitions: 3 },
  // Spring publishes a dead letter to the partition number it came from, so these have as many as their origin.
  orderDead: { name: 'orders.dlq', partitions: 6 },
  paymentDead: { name: 'payments.DLT', partitions: 6 },
  inventoryDead: { name: 'stock.dlq', partitions: 3 },
  notificationDead: { name: 'notifications.dlq', partitions: 3 },
} as const;

export type Topic = keyof typeof TOPICS;

const DAY_MS = 24 * 60 * 60 * 1_000;
const DEAD = new Set<Topic>(['cartDead', 'orderDead', 'paymentDead', 'inventoryDead', 'notificationDead']);

/** A topic's name on the broker. */
export function topicName(topic: Topic, prefix: string): string {
  return prefix + TOPICS[topic].name;
}

/** Creates what is missing of the shop's topics; those that exist are left as they are. */
export async function createTopics(admin: Admin, prefix: string): Promise<void> {
  const existing = new Set(await admin.listTopics());
  const missing = (Object.keys(TOPICS) as Topic[]).filter((topic) => !existing.has(topicName(topic, prefix)));
  if (missing.length === 0) return;
  await admin.createTopics({
    waitForLeaders: true,
    topics: missing.map((topic) => ({
      topic: topicName(topic, prefix),
      numPartitions: TOPICS[topic].partitions,
      replicationFactor: -1,
      configEntries: [
        { name: 'retention.ms', value: String(DEAD.has(topic) ? 7 * DAY_MS : DAY_MS) },
        { name: 'segment.bytes', value: String(64 * 1024 * 1024) },
        // A dead letter is its record plus a stack trace: with the same limit as the origin, an oversized event could never be parked.
        ...(DEAD.has(topic) ? [{ name: 'max.message.bytes', value: String(2 * 1024 * 1024) }] : []),
      ],
    })),
  });
}
