import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { pino } from 'pino';
import { runDeadLettersCollector } from '../../collectors/dead-letters.ts';
import { createKafkaBroker } from '#lib/brokers/kafka/kafka-broker.ts';
import { openKafka } from '#lib/brokers/kafka/connect.ts';
import { openBrokerRegistry } from '#lib/brokers/registry.ts';
import { systemClock } from '#lib/clock.ts';
import { loadConfig, type Config } from '#lib/config.ts';
import type { Store, StoreEvent } from '#lib/store/store.ts';
import { testStore } from '#test/harness/database.ts';
import { eventually } from '#test/harness/eventually.ts';
import { createTopic, testBrokers, uniqueName } from '#test/harness/kafka.ts';
import { header } from './fixtures.ts';
import { writeRecords } from './write-dead-letters.ts';

describe('the collector of dead letters', () => {
  const hooks: (() => unknown)[] = [];
  let store: Store;
  let config: Config;
  let topic: string;
  before(async () => {
    store = await testStore({ after: (hook) => void hooks.push(hook as () => unknown) });
    topic = await createTopic(uniqueName('collector-dlq'));
    config = { ...loadConfig({ NODE_ENV: 'test' }), clusters: [{ name: 'test', brokers: testBrokers(), deadLetters: { topics: [topic], headers: { topic: 'was-on', partition: 'was-in', errorMessage: 'why' } } }] };
    const broker = createKafkaBroker(openKafka({ name: 'test', brokers: testBrokers() }, { clientId: 'who' }));
    const { clusterId } = await broker.describeCluster();
    await broker.close();
    await store.prisma.cluster.create({ data: { name: 'test', kafkaClusterId: clusterId! } });
  });
  after(async () => {
    for (const hook of hooks) await hook();
  });

  function start(holder: string): { end: () => Promise<void> } {
    const stop = new AbortController();
    const brokers = openBrokerRegistry(config.clusters, { clientId: `collector-test-${holder}` });
    const running = runDeadLettersCollector({ store, brokers, config, clock: systemClock, log: pino({ level: 'silent' }), holder, signal: stop.signal });
    return {
      end: async () => {
        stop.abort();
        await running;
        await brokers.close();
      },
    };
  }
  const write = (value: string) => writeRecords(topic, [{ key: null, value: Buffer.from(value), headers: [header('was-on', 'orders'), header('was-in', '4'), header('why', `no ${value}`), header('correlation-id', value)] }]);
  const ids = async () => (await store.query<{ id: string }>('select correlation_id as id from dead_letter order by seq')).map((row) => row.id);

  it('reads what arrives, tells it, ends cleanly, and another goes on where it ended', async () => {
    const events: StoreEvent[] = [];
    const listening = new AbortController();
    const ended = store.listen((event) => void events.push(event), listening.signal);
    const first = start('first:1');
    await write('a');
    await eventually(async () => assert.deepEqual(await ids(), ['a']));
    await eventually(() => assert.ok(events.some((event) => event.kind === 'dead-letters' && event.payload['cluster'] === 'test')));
    await first.end();
    await write('b');
    const second = start('second:2');
    await eventually(async () => assert.deepEqual(await ids(), ['a', 'b']));
    await second.end();
    listening.abort();
    await ended;
  });

  it('is one reader however many processes run it', async () => {
    const both = [start('one:1'), start('two:2')];
    await write('c');
    await eventually(async () => assert.deepEqual(await ids(), ['a', 'b', 'c']));
    const [lease] = await store.query<{ holder: string }>(`select holder from lease where name = 'dead-letters:test'`);
    assert.match(lease!.holder, /^(one:1|two:2)$/u);
    await Promise.all(both.map((one) => one.end()));
    assert.deepEqual(await store.query(`select holder from lease where name = 'dead-letters:test'`), [], 'given back at the end');
  });

  it('reads home-made headers by the names in the configuration', async () => {
    const [row] = await store.query<object>(`select dialect, origin_topic, origin_partition, origin_offset, error_class, error_message from dead_letter where correlation_id = 'a'`);
    assert.deepEqual(row, { dialect: 'configured', origin_topic: 'orders', origin_partition: 4, origin_offset: null, error_class: null, error_message: 'no a' });
  });
});
