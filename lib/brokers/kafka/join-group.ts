import { Consumer } from '@platformatic/kafka';
import type { Membership } from '../port-membership.ts';
import type { Kafka } from './connect.ts';
import { explainConnection } from './explain-connection.ts';

/** A member that is killed gives its partitions up after this; brokers allow no less unless told otherwise. */
const SESSION_MS = 6_000;
const HEARTBEAT_MS = 1_500;
const REBALANCE_MS = 20_000;
/** Without a heartbeat that was answered in this time the group has given us up. */
const SILENT_MS = 30_000;

/**
 * Joins a consumer group by the classic protocol, which every broker since 0.10 speaks. Only the membership is the library's: records are fetched
 * like everywhere else (fetch-records.ts), one answer a partition, so that a batch that cannot be read fails its partition and not the stream.
 */
export async function joinGroup(kafka: Kafka, { group, topics }: { group: string; topics: readonly string[] }): Promise<Membership> {
  const consumer = new Consumer({
    ...kafka.clientOptions, groupId: group, autocommit: false, sessionTimeout: SESSION_MS, heartbeatInterval: HEARTBEAT_MS, rebalanceTimeout: REBALANCE_MS,
    // JoinGroup is answered when all members have come.
    requestTimeout: REBALANCE_MS + 10_000, retries: 3, retryDelay: 250,
  });
  let ended: Error | null = null;
  let heardAtMs = performance.now();
  // A rejoin that failed leaves the member without heartbeats.
  consumer.on('error', (error: Error) => (ended ??= error));
  consumer.on('consumer:heartbeat:end', () => (heardAtMs = performance.now()));
  // The client knows the number of the next generation before it knows what that gives us: both are taken when the rebalance is complete.
  let current: ReturnType<Membership['assigned']> = { generation: -1, partitions: [] };
  consumer.on('consumer:group:join', () => {
    heardAtMs = performance.now();
    current = { generation: consumer.generationId, partitions: (consumer.assignments ?? []).flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition }))) };
  });
  consumer.topics.trackAll(...topics);
  try {
    await consumer.joinGroup({});
  } catch (error) {
    await consumer.close(true).catch(() => undefined);
    throw explainConnection(error, { name: kafka.clusterName, brokers: kafka.clientOptions.bootstrapBrokers }, kafka.clientOptions.bootstrapBrokers.join(', '));
  }
  heardAtMs = performance.now();
  return {
    assigned: () => current,
    async committed(partitions) {
      const asked = [...Map.groupBy(partitions, (at) => at.topic)].map(([topic, at]) => ({ topic, partitions: at.map(({ partition }) => partition) }));
      const found = new Map<string, bigint>();
      if (asked.length === 0) return found;
      for (const [topic, offsets] of await consumer.listCommittedOffsets({ topics: asked })) {
        // By partition; -1 where nothing was committed.
        offsets.forEach((offset, partition) => {
          if (offset >= 0n) found.set(`${topic}:${partition}`, offset);
        });
      }
      return found;
    },
    async commit(generation, offsets) {
      if (offsets.length === 0) return true;
      if (generation !== current.generation) return false;
      await consumer.commit({ offsets: offsets.map((at) => ({ ...at, leaderEpoch: -1 })) });
      return true;
    },
    failure() {
      if (ended !== null) return ended;
      if (performance.now() - heardAtMs > SILENT_MS) return new Error(`The coordinator of the group ${group} has answered no heartbeat for ${SILENT_MS / 1_000} s.`);
      return null;
    },
    async leave() {
      await new Promise<void>((resolve) => consumer.leaveGroup(true, () => resolve()));
      await consumer.close(true).catch(() => undefined);
    },
  };
}
