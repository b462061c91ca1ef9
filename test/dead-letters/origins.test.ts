import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { Broker } from '#lib/brokers/broker.ts';
import { openKafka } from '#lib/brokers/kafka/connect.ts';
import { createKafkaBroker } from '#lib/brokers/kafka/kafka-broker.ts';
import { formatDeadLetterId } from '#lib/model/replay.ts';
import { dryRunReplay } from '#lib/operations/broker/dry-run-replay.ts';
import { lookAtOrigin } from '#lib/operations/broker/look-at-origin.ts';
import { lookAtOrigins } from '#lib/operations/broker/look-at-origins.ts';
import type { WireOriginLook } from '#lib/operations/origin-look-wire.ts';
import { ensurePartitions } from '#lib/store/partitions.ts';
import type { Store } from '#lib/store/store.ts';
import { registerTopics } from '#lib/store/topics/register-topics.ts';
import { testStore } from '#test/harness/database.ts';
import { createTopic, testBrokers, uniqueName } from '#test/harness/kafka.ts';
import { header, storeDeadLetters } from './fixtures.ts';
import { writeRecords, type RawRecord } from './write-dead-letters.ts';

const signal = new AbortController().signal;
const START = 1_700_000_000_000n;

describe('what the origin topic holds of a dead letter', () => {
  const hooks: (() => unknown)[] = [];
  let store: Store;
  let broker: Broker;
  let clusterId: number;
  let origin: string;
  let dlq: string;

  const record = (key: string | null, value: string | null, seconds: number, headers: RawRecord['headers'] = []): RawRecord => ({ key: key === null ? null : Buffer.from(key), value: value === null ? null : Buffer.from(value), headers, partition: 0, timestampMs: START + BigInt(seconds * 1_000) });
  /** A dead letter of the record at `offset` of the origin topic, as kafkajs services write them. */
  const letter = (offset: number | null, key: string | null, value: string | null, seconds: number, topic = origin): RawRecord => ({
    key: key === null ? null : Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
    headers: [header('error', 'no'), header('original-topic', topic), ...(offset === null ? [] : [header('original-partition', '0'), header('original-offset', String(offset))]), header('original-timestamp', String(START + BigInt(seconds * 1_000)))],
  });
  const save = async (one: RawRecord): Promise<string> => {
    await storeDeadLetters(store, clusterId, dlq, [one]);
    const [row] = await store.query<{ topicId: number; partition: number; offset: bigint }>('select topic_id as "topicId", partition, "offset" from dead_letter order by seq desc limit 1');
    return formatDeadLetterId(row!);
  };
  const look = async (one: RawRecord): Promise<WireOriginLook> => lookAtOrigin({ id: await save(one), further: false }, { store, broker, signal });
  const dryRun = (ids: string[], target: string | null = null) =>
    dryRunReplay({ selection: { ids: ids.map((id) => ({ id, generation: null })) }, target, partitioning: 'origin', mode: 'at-least-once' }, { store, broker, clusterId, headersToStrip: () => [], signal });

  before(async () => {
    store = await testStore({ after: (hook) => void hooks.push(hook as () => unknown) });
    const kafka = openKafka({ name: 'test', brokers: testBrokers() }, { clientId: 'origins-test' });
    broker = createKafkaBroker(kafka);
    hooks.push(() => kafka.close());
    clusterId = (await store.prisma.cluster.create({ data: { name: 'test', kafkaClusterId: uniqueName('id') } })).id;
    await ensurePartitions(store, 'dead_letter_body', new Date(), new Date());
    origin = await createTopic(uniqueName('orders'), { config: { 'retention.ms': '-1' } });
    dlq = uniqueName('orders-dlq');
    await writeRecords(origin, [record('a', '{"total": 12.50}', 0), record('b', 'plain', 10), record('a', '{"total": 20}', 240), record('c', null, 300), record(null, 'no key', 310), record('a', '{"total": 30}', 600), record('d', 'last', 700)]);
  });
  after(async () => {
    for (const hook of hooks.reverse()) await hook();
  });

  it('is the same record, and newer ones of its key are found with their place and their time', async () => {
    const answer = await look(letter(0, 'a', '{"total": 12.50}', 0));
    assert.deepEqual(answer, {
      bytes: { state: 'stored', why: null },
      at: { topic: origin, partition: 0, offset: '0' },
      original: { state: 'same', key: 'same', value: 'same', valueBytes: 16, why: null },
      newer: { state: 'found', count: 2, complete: true, first: { offset: '2', timestamp: new Date(Number(START) + 240_000).toISOString(), laterMs: 240_000 }, last: { offset: '5', timestamp: new Date(Number(START) + 600_000).toISOString(), laterMs: 600_000 }, read: 7, why: null },
    });
    assert.deepEqual((await look(letter(1, 'b', 'plain', 10))).newer, { state: 'none', count: 0, complete: true, first: null, last: null, read: 6, why: null });
  });

  it('differs, and it is said how', async () => {
    const states = async (one: RawRecord) => {
      const { original } = await look(one);
      return [original.state, original.key, original.value];
    };
    assert.deepEqual(await states(letter(0, 'a', '{"total":12.5}', 0)), ['same-json', 'same', 'same-json']);
    assert.deepEqual(await states(letter(1, 'b', 'PLAIN', 10)), ['differs', 'same', 'differs']);
    assert.deepEqual(await states(letter(1, 'b', null, 10)), ['differs', 'same', 'missing-here']);
    assert.deepEqual(await states(letter(3, 'c', '', 300)), ['differs', 'same', 'missing-there']);
    assert.deepEqual(await states(letter(3, 'c', null, 300)), ['same', 'same', 'same']);
    assert.deepEqual(await states(letter(1, null, 'plain', 10)), ['differs', 'missing-here', 'same']);
    // Another key written at another time: the topic was made anew, and what came after says nothing of this record.
    const other = await look(letter(1, 'x', 'plain', 999));
    assert.deepEqual([other.original.state, other.newer.state], ['another', 'unknown']);
  });

  it('is unknown, with the reason, where it cannot be looked at', async () => {
    const why = async (one: RawRecord) => {
      const { original, newer } = await look(one);
      assert.deepEqual([original.state, newer.state], ['unknown', 'unknown']);
      return [original.why, newer.why];
    };
    assert.deepEqual(await why(letter(null, 'a', 'x', 0)), ['the record does not say at which partition its original lay', 'the record does not say at which partition its original lay']);
    assert.match((await why(letter(99, 'a', 'x', 0)))[0]!, /ends at 7: the topic may have been deleted and made anew/u);
    const gone = uniqueName('gone');
    assert.deepEqual(await why(letter(0, 'a', 'x', 0, gone)), [`${gone} is not there any more, or has no partition 0`, `${gone} is not there any more, or has no partition 0`]);
    const keyless = await look(letter(4, null, 'no key', 310));
    assert.deepEqual([keyless.original.state, keyless.newer.state, keyless.newer.why], ['same', 'unknown', 'the record has no key']);
  });

  it('a search that ends early says how far it came, and what it found is "at least"', async () => {
    const ask = async (offset: bigint, key: string) =>
      (await lookAtOrigins({ browse: (request, take, until) => broker.browse({ ...request, maxRecords: 1, selective: false, limit: 3 }, take, until) }, [{ id: '1-0-0', origin: { topic: origin, partition: 0, offset, timestampMs: null }, key: { known: true, bytes: Buffer.from(key) } }], { maxRecords: 1, maxBytes: 1_000_000, maxMs: 5_000 }, signal)).get('1-0-0')!;
    const found = await ask(0n, 'a');
    assert.deepEqual([found.newer.count, found.newer.complete], [1, false]);
    const open = await ask(0n, 'zzz');
    assert.deepEqual([open.newer.count, open.newer.complete, open.newer.why], [0, false, `the search ended at ${origin} p0@3, before its end at 7`]);
  });

  it('a dry run warns of newer records and of differences, with an example; on another topic nothing comes after anything', async () => {
    const ids = [await save(letter(0, 'a', '{"total": 12.50}', 0)), await save(letter(1, 'b', 'changed', 10)), await save(letter(5, 'a', '{"total": 30}', 600))];
    const run = await dryRun(ids);
    assert.deepEqual(run.originals, { same: 2, sameJson: 0, differ: 1, another: 0, notCompared: 0, newer: 1, newerUnknown: 0 });
    assert.ok(run.warnings.includes(`1 of 3 records have newer ones of their key on the origin topic (${ids[0]!}: ${origin} p0@5, 10 min later): a replay puts the older state after the newer.`), run.warnings.join('\n'));
    assert.ok(run.warnings.includes(`1 of 3 dead letters differ from their originals (${ids[1]!}: value 7 bytes, the original's 5 bytes). What is sent are the dead letters' bytes.`), run.warnings.join('\n'));
    const elsewhere = await createTopic(uniqueName('elsewhere'));
    assert.equal((await dryRun(ids, elsewhere)).originals.newer, 0);
  });

  it('a body that expired here is still at the broker, or is gone on both sides', async () => {
    const topic = await createTopic(`${uniqueName('kept')}-dlq`, { config: { 'retention.ms': '-1', 'max.message.bytes': '12000000' } });
    const large = Buffer.alloc(10_000_000, 'x');
    const [described] = (await broker.listTopics()).filter((one) => one.name === topic);
    await writeRecords(topic, [record('a', 'here', 0), { ...letter(0, 'a', null, 0), value: large }]);
    const ids = await registerTopics(store, clusterId, [{ name: topic, kafkaTopicId: described!.topicId, partitionCount: 1, replicationFactor: 1, role: 'dead-letter', roleSource: 'pattern' }], new Date());
    const bytesOf = async (offset: number) => {
      await store.execute(`insert into dead_letter (topic_id, partition, "offset", cluster_id, key_bytes, value_bytes) values ($1, 0, $2, $3, 1, 4)`, [ids.get(topic)!, BigInt(offset), clusterId]);
      return (await lookAtOrigin({ id: `${ids.get(topic)!}-0-${offset}`, further: false }, { store, broker, signal })).bytes;
    };
    assert.deepEqual(await bytesOf(0), { state: 'at-broker', why: null });
    assert.deepEqual(await bytesOf(1), { state: 'at-broker', why: null });
    assert.deepEqual(await bytesOf(7), { state: 'gone', why: `no record lies at ${topic} p0@7 any more` });
    await store.execute('update topic set kafka_topic_id = $2 where id = $1', [ids.get(topic)!, randomUUID()]);
    assert.equal((await bytesOf(2)).state, 'gone');
    await store.execute('update topic set deleted_at = now() where id = $1', [ids.get(topic)!]);
    assert.deepEqual(await bytesOf(3), { state: 'gone', why: `${topic} was deleted` });
  });

  it('its own replay is no newer record', async () => {
    const topic = await createTopic(uniqueName('replayed'), { config: { 'retention.ms': '-1' } });
    const id = await save(letter(0, 'k', 'v', 0, topic));
    const ref = (of: string) => header('replay-id', `00000000-0000-0000-0000-000000000000:${of}:1`);
    await writeRecords(topic, [record('k', 'v', 0), record('k', 'v', 60, [ref(id)])]);
    assert.equal((await lookAtOrigin({ id, further: false }, { store, broker, signal })).newer.state, 'none');
    await writeRecords(topic, [record('k', 'v', 90, [ref('9-9-9')])]);
    assert.deepEqual((await lookAtOrigin({ id, further: true }, { store, broker, signal })).newer.first?.offset, '2');
  });
});
