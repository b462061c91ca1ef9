import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { Kafka as KafkaJs, logLevel, type Producer } from 'kafkajs';
import type { Broker } from '#lib/brokers/broker.ts';
import { type Kafka, type KafkaClusterConfig, openKafka } from '#lib/brokers/kafka/connect.ts';
import { openBrokerRegistry } from '#lib/brokers/registry.ts';
import { openOffsetsCollection } from '#lib/operations/broker/collect-offsets.ts';
import { getGroup } from '#lib/operations/get-group.ts';
import type { GroupDetail } from '#lib/operations/group-detail-shape.ts';
import { type ClusterReading, listClusterReadings } from '#lib/operations/list-cluster-readings.ts';
import { listGroups } from '#lib/operations/list-groups.ts';
import type { GroupSummary } from '#lib/operations/group-shape.ts';
import type { Store } from '#lib/store/store.ts';

export interface Watch {
  /** One cycle, and then what must hold after each: every lag, age and rate is null or at least 0. */
  cycle(): Promise<void>;
  /** Moves the collector's clock. Records keep the broker's. */
  skip(ms: number): void;
  now(): Date;
  group(name: string): Promise<GroupDetail>;
  groups(): Promise<GroupSummary[]>;
  cluster(): Promise<ClusterReading>;
}

/** The real offsets collection over a real cluster into `store`, driven cycle by cycle with a clock of its own. */
export function watchCluster(t: Pick<TestContext, 'after'>, store: Store, config: KafkaClusterConfig, options: { intervalMs?: number; requestTimeoutMs?: number } = {}): Watch {
  const registry = openBrokerRegistry([config], { clientId: 'waybill-test', ...(options.requestTimeoutMs ? { requestTimeoutMs: options.requestTimeoutMs } : {}) });
  t.after(() => registry.close());
  const real = registry.get(config.name);
  let shiftMs = 0;
  const shifted: Broker = {
    ...real,
    async snapshotOffsets(request) {
      const snapshot = await real.snapshotOffsets(request);
      return { ...snapshot, committedReadAt: snapshot.committedReadAt + shiftMs, endsReadAt: snapshot.endsReadAt + shiftMs };
    },
  };
  const collection = openOffsetsCollection({ store, broker: shifted, configuredNames: [config.name], intervalMs: options.intervalMs ?? 10_000, onIdentified: (id) => registry.bind(id, config.name) });
  const now = () => new Date(Date.now() + shiftMs);
  const groups = async () => (await listGroups(store, { cluster: config.name, limit: 5_000, now: now() })).items;
  return {
    now,
    groups,
    skip: (ms) => void (shiftMs += ms),
    group: (name) => getGroup(store, { cluster: config.name, group: name, now: now() }),
    async cluster() {
      const found = (await listClusterReadings(store, { now: now() })).items.find(({ name }) => name === config.name);
      assert.ok(found, 'the cluster was never read');
      return found;
    },
    async cycle() {
      await collection.collect({ now: now(), signal: AbortSignal.timeout(60_000) });
      for (const group of await groups()) {
        for (const figure of [group.lag, group.lagSeconds, group.producedPerSecond, group.consumedPerSecond]) assert.ok(figure === null || Number(figure) >= 0, `${group.group}: ${JSON.stringify(group)}`);
      }
    },
  };
}

/** A low-level client of a cluster, closed at the end of the test. */
export function clientOf(t: Pick<TestContext, 'after'>, config: KafkaClusterConfig): Kafka {
  const kafka = openKafka(config, { clientId: 'waybill-trouble-tests' });
  t.after(() => kafka.close());
  return kafka;
}

/** kafkajs over the same brokers: what people run. Its consumers are ended by the test that makes them. */
export function kafkaJsOf(brokers: string[]): KafkaJs {
  return new KafkaJs({ brokers, clientId: 'waybill-trouble-tests', logLevel: logLevel.NOTHING, retry: { retries: 30, initialRetryTime: 50, maxRetryTime: 500 } });
}

/** A connected kafkajs producer, ended with the test. */
export async function producerOf(t: Pick<TestContext, 'after'>, brokers: string[]): Promise<Producer> {
  const producer = kafkaJsOf(brokers).producer({ allowAutoTopicCreation: false, idempotent: false });
  await producer.connect();
  t.after(() => producer.disconnect());
  return producer;
}

/** `count` records to one partition, with their own timestamp where one is given. */
export async function write(producer: Producer, topic: string, partition: number, count: number, timestampMs?: number): Promise<void> {
  await producer.send({ topic, messages: Array.from({ length: count }, (_, i) => ({ partition, key: `k${i}`, value: `v${i}`, ...(timestampMs === undefined ? {} : { timestamp: String(timestampMs) }) })) });
}

/** Lag by "topic:partition", as strings, "unknown" where Waybill says so. */
export function lags(group: GroupDetail): Record<string, string> {
  return Object.fromEntries(group.partitions.map((p) => [`${p.topic}:${p.partition}`, p.status === 'unknown' ? 'unknown' : (p.lag ?? 'none')]));
}
