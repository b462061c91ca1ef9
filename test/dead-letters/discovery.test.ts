import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { pino } from 'pino';
import { createKafkaBroker } from '#lib/brokers/kafka/kafka-broker.ts';
import { openKafka } from '#lib/brokers/kafka/connect.ts';
import { openBrokerRegistry } from '#lib/brokers/registry.ts';
import type { Broker } from '#lib/brokers/broker.ts';
import { systemClock } from '#lib/clock.ts';
import { discoverTopics, type DiscoverInput } from '#lib/operations/broker/discover-topics.ts';
import { deadLetterTopicListSchema, type DeadLetterTopicWire } from '#lib/operations/list-dead-letter-topics.ts';
import { webUnderTest, type WebUnderTest } from '#test/access/web-context.ts';
import { eventually } from '#test/harness/eventually.ts';
import { createTopic, testBrokers, uniqueName } from '#test/harness/kafka.ts';
import { runDeadLettersCollector } from '../../collectors/dead-letters.ts';
import { runRetryTopicsCollector } from '../../collectors/retry-topics.ts';
import { header } from './fixtures.ts';
import { readCorpus, toRaw, writeRecords, type CorpusRecord, type RawRecord } from './write-dead-letters.ts';

const ADMIN = { authorization: 'Bearer administrator-token-of-the-test' };

describe('topics that no pattern names', () => {
  const hooks: (() => unknown)[] = [];
  let web: WebUnderTest;
  let broker: Broker;
  let clusterId: number;
  let letters: string;
  let retries: string;
  let business: string;
  let replayed: string;

  before(async () => {
    web = await webUnderTest({ after: (hook) => void hooks.push(hook as () => unknown) }, { KAFKA_BROKERS: testBrokers().join(','), KAFKA_CLUSTER_NAME: 'test', WAYBILL_DLQ_TOPICS: 'named-*', WAYBILL_RETRY_TOPICS: 'again-*' });
    broker = createKafkaBroker(openKafka({ name: 'test', brokers: testBrokers() }, { clientId: 'discovery-test' }));
    clusterId = (await web.store.prisma.cluster.create({ data: { name: 'test', kafkaClusterId: (await broker.describeCluster()).clusterId! } })).id;
    const [dlt] = [readCorpus('spring-kafka-3.3-dlt.json').records.slice(0, 6).map((record) => ({ ...toRaw(record), partition: 0 }))];
    const again = (JSON.parse(readFileSync(new URL('../corpora/dead-letters/spring-kafka-3.3-retry-topics.json', import.meta.url), 'utf8')) as { records: CorpusRecord[] }).records.filter((record) => record.kind === 'retry').slice(0, 4).map((record) => ({ ...toRaw(record), partition: 0 }));
    const plain = Array.from({ length: 30 }, (_, index): RawRecord => ({ key: null, value: Buffer.from('{}'), headers: [header('correlation-id', `order-${index}`), header('traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'), header('source_topic', 'orders')] }));
    letters = await topicOf('broken-orders', dlt!);
    retries = await topicOf('payments-retry-soon', again);
    business = await topicOf('orders', plain);
    // Sent back with the headers of its dead letter, among others.
    replayed = await topicOf('returned', [...plain.slice(0, 9), dlt![0]!]);
  });
  after(async () => {
    await broker.close();
    for (const hook of hooks) await hook();
  });

  async function topicOf(name: string, records: readonly RawRecord[]): Promise<string> {
    const topic = await createTopic(uniqueName(name), { config: { 'message.timestamp.after.max.ms': '9223372036854775807', 'retention.ms': '-1' } });
    await writeRecords(topic, records);
    await rowOf(topic, records.length);
    return topic;
  }
  async function rowOf(name: string, end: number): Promise<void> {
    const { id } = await web.store.prisma.topic.create({ data: { clusterId, name, kafkaTopicId: `generation:1:${name}`, partitionCount: 1 } });
    await web.store.execute(`insert into topic_partition_offset (topic_id, partition, high_watermark, last_stable_offset, log_start_offset, changed_at) values ($1, 0, $2, $2, 0, now())`, [id, end]);
  }
  const run = (more: Partial<DiscoverInput> = {}) => discoverTopics({ store: web.store, broker, cluster: 'test', clusterId, mode: 'propose', isNamed: () => false, dialects: [], now: new Date(), signal: AbortSignal.timeout(30_000), ...more });
  const list = async () => deadLetterTopicListSchema.parse(await (await web.call('GET', '/api/v1/dead-letters/topics', { headers: ADMIN })).json()).items;
  const one = async (topic: string): Promise<DeadLetterTopicWire | undefined> => (await list()).find((item) => item.topic === topic);
  const decide = (body: object) => web.call('POST', '/api/v1/dead-letters/topics', { headers: ADMIN, body });

  it('are proposed where their records carry the headers of dead letters or retries, with what was seen; business topics are not', async () => {
    const figures = await run();
    assert.deepEqual([figures.topics, figures.found, figures.taken], [4, 2, 0]);
    assert.ok(figures.records <= 4 * 10, `${figures.records} records were read`);
    assert.deepEqual((await list()).map((item) => `${item.topic} ${item.state}`).toSorted(), [`${letters} proposed`, `${retries} proposed`].toSorted());
    const found = (await one(letters))!;
    assert.deepEqual([found.role, found.source, found.evidence?.dialect, found.evidence?.sampled, found.evidence?.carrying], ['dead-letter', 'headers', 'spring-kafka', 3, 3]);
    assert.deepEqual(found.evidence?.headers[0], { name: 'kafka_dlt-exception-fqcn', records: 3 });
    assert.deepEqual(found.origins.map((origin) => origin.topic), ['shop.orders']);
    assert.deepEqual([(await one(retries))?.role, (await one(retries))?.origins], ['retry', [{ topic: 'payments', records: 3 }]]);
    assert.equal(await one(business), undefined);
    assert.equal(await one(replayed), undefined);
  });

  it('are looked at again only after they were written, and not within the hour', async () => {
    assert.equal((await run()).topics, 0);
    await web.store.execute(`update topic_partition_offset set high_watermark = high_watermark + 1 where topic_id = (select id from topic where name = $1)`, [business]);
    assert.equal((await run()).topics, 0);
    assert.deepEqual(await run({ now: new Date(Date.now() + 3_700_000) }).then(({ topics, found }) => [topics, found]), [1, 0]);
  });

  it('are looked at a few at a time, however many there are, and one that can not be read spoils no other', async () => {
    for (let index = 0; index < 40; index++) await rowOf(`gone-${String(index).padStart(2, '0')}`, 1);
    await rowOf('named-1', 1);
    const isNamed = (topic: string) => topic.startsWith('named-');
    assert.deepEqual([(await run({ isNamed })).topics, (await run({ isNamed })).topics, (await run({ isNamed })).topics], [25, 15, 0]);
    assert.equal((await list()).length, 2);
  });

  it('are read once a person took them in, which the audit trail keeps; ignored ones are not proposed again', async () => {
    const taken = await decide({ cluster: 'test', topic: letters, decision: 'take' });
    assert.deepEqual(await taken.json(), { cluster: 'test', topic: letters, state: 'taken', role: 'dead-letter' });
    assert.equal((await decide({ cluster: 'test', topic: retries, decision: 'take' })).status, 200);
    assert.equal((await decide({ cluster: 'test', topic: letters, decision: 'take' })).status, 200, 'twice changes nothing');
    assert.equal((await decide({ cluster: 'test', topic: business, decision: 'take' })).status, 404);
    assert.deepEqual(await web.store.query(`select action, target, actor from audit_entry order by at, id`), [letters, retries].map((topic) => ({ action: 'dead-letter-topic.take', target: `test/${topic}`, actor: 'administrator token' })));
    const stop = new AbortController();
    const brokers = openBrokerRegistry(web.config.clusters, { clientId: 'discovery-test' });
    const context = { store: web.store, brokers, config: web.config, clock: systemClock, log: pino({ level: 'silent' }), holder: 'test:1', signal: stop.signal };
    const running = Promise.all([runDeadLettersCollector(context), runRetryTopicsCollector(context)]);
    try {
      await eventually(async () => assert.deepEqual((await web.store.query<object>('select (select count(*)::int from dead_letter) as letters, (select count(*)::int from retry_record) as retries'))[0], { letters: 6, retries: 4 }));
      const read = (await one(letters))!;
      assert.deepEqual([read.state, read.source, read.origins], ['read', 'headers', [{ topic: 'shop.orders', records: 6 }]]);
      assert.deepEqual([(await one(retries))?.state, (await one(retries))?.origins[0]?.topic], ['read', 'payments']);
      await decide({ cluster: 'test', topic: letters, decision: 'ignore' });
      assert.equal((await one(letters))?.state, 'ignored');
      await writeRecords(letters, [{ key: null, value: null, headers: [] }]);
      await writeRecords(retries, [{ key: null, value: null, headers: [header('kafka_original-topic', 'payments')] }]);
      await eventually(async () => assert.equal((await web.store.query<{ at: bigint }>(`select p.next_offset as at from dead_letter_position p join topic t on t.id = p.topic_id where t.name = $1 and t.role = 'retry'`, [retries]))[0]?.at, 5n));
      assert.equal((await web.store.query<{ n: number }>('select count(*)::int as n from dead_letter'))[0]?.n, 6, 'not read any more; what was stored stays');
    } finally {
      stop.abort();
      await running;
      await brokers.close();
    }
    assert.equal((await run({ now: new Date(Date.now() + 7_400_000) })).found, 0);
    assert.equal((await one(letters))?.state, 'ignored');
  });

  it('are taken in at once where the configuration says so and nothing is doubtful', async () => {
    const certain = await topicOf('failed-certain', readCorpus('spring-kafka-3.3-dlt.json').records.slice(0, 6).map((record) => ({ ...toRaw(record), partition: 0 })));
    const doubtful = await topicOf('failed-doubtful', readCorpus('kafkajs-home-made.json').records.slice(0, 6).map((record) => ({ ...toRaw(record), partition: 0 })));
    for (const origin of new Set(readCorpus('kafkajs-home-made.json').records.map((record) => String(record.expected['originTopic'] ?? 'gift.cards')))) await web.store.prisma.topic.create({ data: { clusterId, name: origin, kafkaTopicId: uniqueName('id'), partitionCount: 1 } });
    assert.deepEqual(await run({ mode: 'on' }).then(({ found, taken }) => [found, taken]), [2, 1]);
    assert.deepEqual([(await one(certain))?.state, (await one(certain))?.decidedBy, (await one(doubtful))?.state], ['read', 'waybill', 'proposed']);
    assert.equal((await web.store.query(`select 1 from audit_entry where actor = 'waybill' and action = 'dead-letter-topic.take' and target = $1`, [`test/${certain}`])).length, 1);
  });
});
