import { pino } from 'pino';
import { runRequestsCollector } from '../../collectors/requests.ts';
import { openBrokerRegistry } from '#lib/brokers/registry.ts';
import { systemClock } from '#lib/clock.ts';
import { loadConfig } from '#lib/config.ts';
import { type BrowseTopicAnswer, browseTopic, browseTopicQuerySchema } from '#lib/operations/browse-topic.ts';
import type { Store } from '#lib/store/store.ts';
import { testStore } from '#test/harness/database.ts';
import { createTopic, testBrokers, uniqueName } from '#test/harness/kafka.ts';
import { type RawRecord, writeRecords } from '../dead-letters/write-dead-letters.ts';

export interface Browsing {
  store: Store;
  /** A topic with these records, known to the store as one of the cluster "test". */
  topicWith(records: readonly RawRecord[], options?: { partitions?: number; config?: Record<string, string> }): Promise<string>;
  /** The operation, with 20 s for a page. */
  browse(topic: string, query?: Record<string, unknown>): Promise<BrowseTopicAnswer>;
  close(): Promise<void>;
}

/** A store and the collector that reads messages for the web, over the tests' broker and a schema registry. */
export async function openBrowsing(schemaRegistryUrl: string): Promise<Browsing> {
  const hooks: (() => unknown)[] = [];
  const store = await testStore({ after: (hook) => void hooks.push(hook as () => unknown) });
  const { id: clusterId } = await store.prisma.cluster.create({ data: { name: 'test', kafkaClusterId: uniqueName('id') } });
  const cluster = { name: 'test', brokers: testBrokers(), schemaRegistry: { url: schemaRegistryUrl } };
  const brokers = openBrokerRegistry([cluster], { clientId: 'browse-test' });
  const stop = new AbortController();
  const running = runRequestsCollector({ store, brokers, config: { ...loadConfig({ NODE_ENV: 'test' }), clusters: [cluster] }, clock: systemClock, log: pino({ level: 'silent' }), holder: 'test:1', signal: stop.signal });
  return {
    store,
    async topicWith(records, options = {}) {
      const topic = await createTopic(uniqueName('browse'), { ...options, config: { 'message.timestamp.after.max.ms': '9223372036854775807', 'retention.ms': '-1', ...options.config } });
      await store.prisma.topic.create({ data: { clusterId, name: topic, kafkaTopicId: uniqueName('topic'), partitionCount: options.partitions ?? 1 } });
      await writeRecords(topic, records);
      return topic;
    },
    browse: (topic, query = {}) => browseTopic(store, { cluster: 'test', topic, query: browseTopicQuerySchema.parse({ seconds: 20, ...query }), principal: 'ana' }),
    async close() {
      stop.abort();
      await running;
      await brokers.close();
      for (const hook of hooks) await hook();
    },
  };
}

/** A record without headers; text is UTF-8. */
export function raw(value: string | Buffer | null, more: Partial<RawRecord> = {}): RawRecord {
  return { key: null, value: typeof value === 'string' ? Buffer.from(value) : value, headers: [], ...more };
}
