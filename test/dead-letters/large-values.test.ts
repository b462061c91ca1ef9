import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { Kafka as KafkaJs, logLevel } from 'kafkajs';
import { pino } from 'pino';
import type { Broker } from '#lib/brokers/broker.ts';
import { openBrokerRegistry, type BrokerRegistry } from '#lib/brokers/registry.ts';
import { systemClock } from '#lib/clock.ts';
import { formatDeadLetterId } from '#lib/model/replay.ts';
import { ingestDeadLetters } from '#lib/operations/broker/ingest-dead-letters.ts';
import type { DeadLetterWire } from '#lib/operations/get-dead-letter.ts';
import type { WireDryRun } from '#lib/operations/replay-wire.ts';
import { webUnderTest, type WebUnderTest } from '#test/access/web-context.ts';
import { eventually } from '#test/harness/eventually.ts';
import { createTopic, testBrokers, uniqueName } from '#test/harness/kafka.ts';
import { createJob, type Planted } from '#test/replay/fixture.ts';
import { work } from '#test/replay/worker.ts';
import { runRequestsCollector } from '../../collectors/requests.ts';
import { header } from './fixtures.ts';
import { writeRecords } from './write-dead-letters.ts';

const ADMIN = { authorization: 'Bearer administrator-token-of-the-test' };
const SIZE = 10_000_000;

describe('values that are too large to copy', () => {
  const hooks: (() => unknown)[] = [];
  const stop = new AbortController();
  let web: WebUnderTest;
  let brokers: BrokerRegistry;
  let broker: Broker;
  let running: Promise<unknown>;
  let clusterId: number;

  before(async () => {
    web = await webUnderTest({ after: (hook) => void hooks.push(hook as () => unknown) }, { KAFKA_BROKERS: testBrokers().join(','), KAFKA_CLUSTER_NAME: 'test' });
    // Of the topics of one test only.
    Object.assign(web.config, { masking: [{ topics: ['cards*'], values: ['$.card'] }] });
    brokers = openBrokerRegistry(web.config.clusters, { clientId: 'large-values-test' });
    broker = brokers.get('test');
    const { clusterId: kafkaId } = await broker.describeCluster();
    clusterId = (await web.store.prisma.cluster.create({ data: { name: 'test', kafkaClusterId: kafkaId! } })).id;
    running = runRequestsCollector({ store: web.store, brokers, config: web.config, clock: systemClock, log: pino({ level: 'silent' }), holder: 'test:1', signal: stop.signal });
  });
  after(async () => {
    stop.abort();
    await running;
    await brokers.close();
    for (const hook of hooks) await hook();
  });

  /** Writes dead letters that came from `origin` and reads them in. @returns their ids */
  async function deadLetters(origin: string, dlq: string, values: readonly Buffer[], maxStoredValueBytes?: number): Promise<string[]> {
    await writeRecords(dlq, values.map((value, index) => ({ key: Buffer.from(`key ${index}`), value, headers: [header('__connect.errors.topic', origin), header('__connect.errors.partition', '0'), header('__connect.errors.offset', String(index)), header('__connect.errors.exception.class.name', 'shop.TooLong'), header('trace', `t-${index}`)] })));
    await ingestDeadLetters({ store: web.store, broker, clusterId, isDeadLetterTopic: (topic) => topic === dlq, isRetryTopic: () => false, roleSource: 'configuration', now: () => new Date(), signal: AbortSignal.timeout(60_000), ...(maxStoredValueBytes === undefined ? {} : { maxStoredValueBytes }) });
    const rows = await web.store.query<{ topicId: number; partition: number; offset: bigint }>('select d.topic_id as "topicId", d.partition, d."offset" from dead_letter d join topic t on t.id = d.topic_id where t.name = $1 and t.deleted_at is null order by d."offset"', [dlq]);
    return rows.map(formatDeadLetterId);
  }
  const get = (id: string, query = '') => web.call('GET', '/api/v1/dead-letters/{id}/value', { headers: ADMIN, params: { id }, query });
  const replay = (dlq: string, options: { target?: string } = {}) => createJob(web.store, { clusterId, dlq } as Planted, options);
  const sentOf = (replayId: string) => web.store.query<{ state: string; refusal: string | null; offset: bigint | null }>('select state, refusal, sent_offset as "offset" from replay_item where replay_id = $1 order by "offset"', [replayId]);

  it('of 10 MB: one is listed, looked at in part, downloaded whole, refused by a target that takes less, and replayed byte for byte', async () => {
    const large = { config: { 'max.message.bytes': '12000000' } };
    const origin = await createTopic(uniqueName('orders'), large);
    const dlq = await createTopic(`${origin}-dlq`, large);
    const narrow = await createTopic(uniqueName('narrow'));
    // Bytes that do not compress, with a character at the place where the look at the beginning ends.
    const value = Buffer.concat([Buffer.from(`{"fill": "${'x'.repeat(988)}ü`), randomBytes(SIZE).subarray(0, SIZE - 1_000)]);
    assert.equal(value.length, SIZE);
    await writeRecords(origin, [{ key: Buffer.from('key 0'), value, headers: [header('trace', 't-0')] }]);
    const [id] = await deadLetters(origin, dlq, [value]);
    assert.deepEqual(await web.store.query('select value, value_by_reference as by_reference from dead_letter_body'), [{ value: null, by_reference: true }]);

    const listed = (await (await web.call('GET', '/api/v1/dead-letters', { headers: ADMIN })).json()) as { items: { id: string; valueBytes: number }[] };
    assert.deepEqual(listed.items.map((one) => [one.id, one.valueBytes]), [[id, SIZE]]);
    const shown = (await (await web.call('GET', '/api/v1/dead-letters/{id}', { headers: ADMIN, params: { id: id! } })).json()) as DeadLetterWire;
    assert.deepEqual([shown.body, shown.valueBase64, shown.valueBytes], ['by-reference', null, SIZE]);

    const beginning = await get(id!, '?first=999');
    assert.deepEqual([beginning.headers.get('x-waybill-source'), beginning.headers.get('x-waybill-value-bytes')], ['broker', String(SIZE)]);
    assert.equal(Buffer.from(await beginning.arrayBuffer()).toString(), value.subarray(0, 998).toString(), 'not cut within a character');
    const whole = Buffer.from(await (await get(id!)).arrayBuffer());
    assert.ok(whole.equals(value), 'the download has every byte');

    const dryRun = (await (await web.call('POST', '/api/v1/replays', { headers: { ...ADMIN, 'idempotency-key': uniqueName('key') }, body: { selection: { ids: [id] }, target: narrow, reason: 'a test', dryRun: true } })).json()) as WireDryRun;
    assert.deepEqual(dryRun.refusalCounts, { 'too-large': 1 });
    const compared = (await (await web.call('POST', '/api/v1/replays', { headers: { ...ADMIN, 'idempotency-key': uniqueName('key') }, body: { selection: { ids: [id] }, reason: 'a test', dryRun: true } })).json()) as WireDryRun;
    assert.deepEqual([compared.sendable, compared.originals.same], [1, 1], JSON.stringify(compared.originals));

    assert.match(compared.warnings.join('\n'), /1 of 1 values was too large to copy: it is read from the broker when it is sent, and the broker deletes the first in \d/);

    const tooNarrow = await replay(dlq, { target: narrow });
    assert.equal(await work(web.store, clusterId, { holder: 'narrow' }), 'finished');
    assert.deepEqual((await sentOf(tooNarrow)).map(({ state, refusal }) => [state, refusal]), [['refused', 'too-large']]);

    const sent = await replay(dlq);
    assert.equal(await work(web.store, clusterId, { holder: 'large' }), 'finished');
    const [item] = await sentOf(sent);
    assert.equal(item?.state, 'sent');
    const { record } = await broker.readMessage({ topic: origin, partition: 0, offset: item!.offset! });
    assert.ok(Buffer.from(record!.value!).equals(value), 'what was sent has every byte');
    assert.deepEqual([Buffer.from(record!.key!).toString(), Buffer.from(record!.headers.find(([name]) => Buffer.from(name).toString() === 'trace')![1]!).toString()], ['key 0', 't-0']);
  });

  it('is masked where rules say so, and hidden whole where it is too large to look for the fields', async () => {
    const large = { config: { 'max.message.bytes': '12000000' } };
    const origin = await createTopic(uniqueName('cards'), large);
    const dlq = await createTopic(`${origin}-dlq`, large);
    const json = (fill: number) => Buffer.from(`{"card": "4111-2222", "fill": "${'x'.repeat(fill)}"}`);
    const [field, tooLarge] = await deadLetters(origin, dlq, [json(2_000_000), json(SIZE)]);
    const beginning = await get(field!, '?first=40');
    assert.deepEqual([beginning.headers.get('x-waybill-masked'), (await beginning.text()).startsWith('{"card": "[masked]", "fill": "xxx')], ['parts', true]);
    const whole = (await (await get(field!)).json()) as { card: string; fill: string };
    assert.deepEqual([whole.card, whole.fill.length], ['[masked]', 2_000_000]);
    const refused = await get(tooLarge!);
    assert.deepEqual([refused.status, ((await refused.json()) as { code: string }).code], [403, 'value-masked']);
  });

  it('is never taken from a topic that was made anew: it is expired, and its replay refused', async () => {
    const origin = await createTopic(uniqueName('again'));
    const dlq = await createTopic(`${origin}-dlq`);
    const [id] = await deadLetters(origin, dlq, [Buffer.from('the first one')], 5);
    assert.equal(await (await get(id!)).text(), 'the first one');
    const admin = new KafkaJs({ brokers: testBrokers(), clientId: 'large-again', logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    hooks.push(() => admin.disconnect());
    await admin.deleteTopics({ topics: [dlq] });
    await eventually(async () => assert.ok(!(await admin.listTopics()).includes(dlq)));
    await createTopic(dlq);
    await writeRecords(dlq, [{ key: Buffer.from('key 0'), value: Buffer.from('another one'), headers: Array.from({ length: 5 }, () => header('a', 'b')) }]);

    const gone = await get(id!);
    assert.deepEqual([gone.status, ((await gone.json()) as { code: string }).code], [410, 'body-expired']);
    const replayId = await createJob(web.store, { clusterId, dlq } as Planted, { selection: { ids: [{ id: id!, generation: null }] } });
    assert.equal(await work(web.store, clusterId, { holder: 'again' }), 'finished');
    assert.deepEqual((await sentOf(replayId)).map(({ state, refusal }) => [state, refusal]), [['refused', 'body-expired']]);
  });
});
