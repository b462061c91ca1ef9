import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { Kafka as KafkaJs, logLevel } from 'kafkajs';
import { createKafkaBroker } from '#lib/brokers/kafka/kafka-broker.ts';
import { openKafka } from '#lib/brokers/kafka/connect.ts';
import type { Broker } from '#lib/brokers/broker.ts';
import { topicMatcher } from '#lib/dead-letter/topic-patterns.ts';
import { ingestDeadLetters } from '#lib/operations/broker/ingest-dead-letters.ts';
import type { Store } from '#lib/store/store.ts';
import { eventually } from '#test/harness/eventually.ts';
import { testStore } from '#test/harness/database.ts';
import { createTopic, testBrokers, uniqueName } from '#test/harness/kafka.ts';
import { createDlqTopic, readCorpus, toRaw, writeRecords, type RawRecord } from './write-dead-letters.ts';

interface Row {
  partition: number;
  offset: bigint;
  timestamp: Date | null;
  dialect: string | null;
  origin_topic: string | null;
  origin_partition: number | null;
  origin_offset: bigint | null;
  origin_timestamp: Date | null;
  origin_group: string | null;
  error_class: string | null;
  root_class: string | null;
  error_message: string | null;
  error_stack: string | null;
  attempts: number | null;
  correlation_id: string | null;
  failure_id: string | null;
  replay_ref: string | null;
  key: Buffer | null;
  value: Buffer | null;
  header_names: Buffer[];
  header_values: (Buffer | null)[];
  value_by_reference: boolean;
}

describe('dead letters from the broker to the store', () => {
  let broker: Broker;
  const hooks: (() => unknown)[] = [];
  before(() => {
    broker = createKafkaBroker(openKafka({ name: 'test', brokers: testBrokers() }, { clientId: 'ingest-test' }));
  });
  after(async () => {
    await broker.close();
    for (const hook of hooks.toReversed()) await hook();
  });

  async function newStore(): Promise<{ store: Store; clusterId: number }> {
    const store = await testStore({ after: (hook) => void hooks.push(hook as () => unknown) });
    const cluster = await store.prisma.cluster.create({ data: { name: uniqueName('cluster'), kafkaClusterId: uniqueName('id') } });
    return { store, clusterId: cluster.id };
  }
  const ingest = (store: Store, clusterId: number, topics: string[], more: Partial<Parameters<typeof ingestDeadLetters>[0]> = {}) =>
    ingestDeadLetters({ store, broker, clusterId, isDeadLetterTopic: topicMatcher(topics), isRetryTopic: () => false, roleSource: 'configuration', now: () => new Date(), signal: AbortSignal.timeout(60_000), ...more });
  const rowsOf = (store: Store, topic: string) =>
    store.query<Row>(
      `select d.*, b.key, b.value, b.header_names, b.header_values, b.value_by_reference from dead_letter d join topic t on t.id = d.topic_id
       left join dead_letter_body b on b.day = d.body_day and b.topic_id = d.topic_id and b.partition = d.partition and b."offset" = d."offset"
       where t.name = $1 and t.deleted_at is null order by d.partition, d."offset"`,
      [topic],
    );

  for (const file of readdirSync(new URL('../corpora/dead-letters/', import.meta.url)).filter((name) => name.endsWith('.json') && !name.startsWith('rabbitmq'))) {
    it(`stores every dead letter of ${file} byte for byte and decoded`, async () => {
      const { store, clusterId } = await newStore();
      const corpus = readCorpus(file);
      const topic = await createDlqTopic(corpus.dlqTopic);
      await writeRecords(topic, corpus.records.map(toRaw));
      const figures = await ingest(store, clusterId, [topic]);
      assert.equal(figures.stored, corpus.records.length);
      const rows = await rowsOf(store, topic);
      const expected = corpus.records.toSorted((a, b) => a.partition - b.partition);
      assert.equal(rows.length, expected.length);
      rows.forEach((row, index) => {
        const record = expected[index]!;
        const raw = toRaw(record);
        const { originalKeyBase64: _key, originalValueBase64: _value, ...truth } = record.expected;
        assert.deepEqual(
          {
            originalTopic: row.origin_topic,
            originalPartition: row.origin_partition,
            originalOffset: row.origin_offset === null ? null : Number(row.origin_offset),
            originalTimestamp: row.origin_timestamp?.getTime() ?? null,
            consumerGroup: row.origin_group,
            exceptionClass: row.error_class,
            rootExceptionClass: row.root_class,
            exceptionMessage: row.error_message,
            attempts: row.attempts,
            hasStacktrace: row.error_stack !== null,
          },
          // PostgreSQL's text holds no NUL; the symbol stands in.
          { ...truth, exceptionMessage: typeof truth['exceptionMessage'] === 'string' ? truth['exceptionMessage'].replaceAll('\0', '␀') : truth['exceptionMessage'] },
          record.scenario,
        );
        assert.deepEqual([row.key, row.value, row.header_names.map((name, at) => [name, row.header_values[at]])], [raw.key, raw.value, raw.headers]);
        assert.equal(row.timestamp?.getTime(), record.timestamp);
      });
      assert.equal((await ingest(store, clusterId, [topic])).stored, 0);
    });
  }

  const plain = (value: string, partition = 0): RawRecord => ({ partition, key: null, value: Buffer.from(value), headers: [[Buffer.from('correlation-id'), Buffer.from(value)]] });

  it('reads on from the stored positions after a restart, over batches, and finds new partitions and topics', async () => {
    const { store, clusterId } = await newStore();
    const prefix = uniqueName('restart');
    const first = await createTopic(`${prefix}-one-dlq`);
    await writeRecords(first, [plain('a'), plain('b')]);
    assert.equal((await ingest(store, clusterId, [`${prefix}-*`])).stored, 2);
    await writeRecords(first, [plain('c')]);
    const second = await createTopic(`${prefix}-two-dlq`, { partitions: 2 });
    await writeRecords(second, [plain('d'), plain('e', 1)]);
    const seen: number[] = [];
    const figures = await ingest(store, clusterId, [`${prefix}-*`], { onStored: (count) => Promise.resolve(void seen.push(count)) });
    assert.equal(figures.records, 3, 'nothing is read twice');
    assert.equal(figures.stored, 3);
    const rows = await store.query<{ correlation_id: string; seq: bigint; dialect: string | null }>('select correlation_id, seq, dialect from dead_letter order by seq');
    assert.deepEqual(rows.map((row) => row.correlation_id).toSorted(), ['a', 'b', 'c', 'd', 'e']);
    assert.ok(rows.every((row) => row.dialect === null), 'origin unknown');
  });

  it('stores again what is missing, beside rows that are there already, and counts only that', async () => {
    const { store, clusterId } = await newStore();
    const topic = await createTopic(uniqueName('partly-dlq'));
    await writeRecords(topic, ['a', 'b', 'c', 'd', 'e', 'f'].map((value) => plain(value)));
    assert.equal((await ingest(store, clusterId, [topic])).stored, 6);
    const counted = async () => (await store.query<{ count: bigint }>('select sum(count)::bigint as count from dead_letter_count union all select sum(count)::bigint from failure union all select sum(count)::bigint from failure_hour')).map((row) => row.count);
    const before = await rowsOf(store, topic);
    // A store that an older backup was laid over: positions from before, some rows from after.
    await store.execute('delete from dead_letter_position');
    for (const table of ['dead_letter_body', 'dead_letter']) await store.execute(`delete from ${table} where "offset" in (1, 4)`);
    const figures = await ingest(store, clusterId, [topic]);
    assert.deepEqual([figures.records, figures.stored], [6, 2]);
    const kept = (rows: typeof before) => rows.map((row) => [row.offset, row.value?.toString(), row.header_values]);
    assert.deepEqual(kept(await rowsOf(store, topic)), kept(before));
    assert.deepEqual(await counted(), [8n, 8n, 8n], 'the six, and the two that were stored again');
  });

  it('never shows an aborted record and waits before an open transaction', async () => {
    const { store, clusterId } = await newStore();
    const topic = await createTopic(uniqueName('aborts-dlq'));
    const kafka = new KafkaJs({ brokers: testBrokers(), clientId: 'aborts', logLevel: logLevel.NOTHING });
    const producer = kafka.producer({ transactionalId: uniqueName('tx'), maxInFlightRequests: 1, idempotent: true });
    await producer.connect();
    hooks.push(() => producer.disconnect());
    for (const [value, commit] of [['no 1', false], ['yes 1', true], ['no 2', false]] as const) {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ value }] });
      await (commit ? transaction.commit() : transaction.abort());
    }
    const open = await producer.transaction();
    await open.send({ topic, messages: [{ value: 'open' }] });
    const values = async () => (await rowsOf(store, topic)).map((row) => row.value?.toString());
    await ingest(store, clusterId, [topic]);
    assert.deepEqual(await values(), ['yes 1']);
    await open.commit();
    await ingest(store, clusterId, [topic]);
    assert.deepEqual(await values(), ['yes 1', 'open']);
  });

  it('takes a topic that was deleted and made again for another one', async () => {
    const { store, clusterId } = await newStore();
    const topic = await createTopic(uniqueName('again-dlq'));
    await writeRecords(topic, [plain('before'), plain('before too')]);
    await ingest(store, clusterId, [topic]);
    const admin = new KafkaJs({ brokers: testBrokers(), clientId: 'again', logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    hooks.push(() => admin.disconnect());
    await admin.deleteTopics({ topics: [topic] });
    // Not "create until it says so": where an answer is late it was made, and no later attempt would say so.
    await eventually(async () => assert.ok(!(await admin.listTopics()).includes(topic)));
    await createTopic(topic);
    await writeRecords(topic, [plain('after')]);
    await ingest(store, clusterId, [topic]);
    const rows = await store.query<{ name: string; deleted: boolean; count: number }>('select t.name, t.deleted_at is not null as deleted, count(*)::int as count from dead_letter d join topic t on t.id = d.topic_id group by 1, 2, t.id order by t.id');
    assert.deepEqual(rows, [{ name: topic, deleted: true, count: 2 }, { name: topic, deleted: false, count: 1 }]);
  });

  it('keeps a value over the limit by reference, null and empty apart, and the mark of a replay', async () => {
    const { store, clusterId } = await newStore();
    const topic = await createTopic(uniqueName('large-dlq'), { config: { 'max.message.bytes': '4000000' } });
    const ref = '0198e0c4-1111-7222-8333-444455556666:12-0-7:1';
    await writeRecords(topic, [
      { key: Buffer.alloc(0), value: null, headers: [[Buffer.from('replay-id'), Buffer.from(ref)]] },
      { key: null, value: Buffer.alloc(0), headers: [[Buffer.from('replay-id'), Buffer.from('not ours')], [Buffer.from([0xff, 0xfe]), null]] },
    ]);
    const kafka = new KafkaJs({ brokers: testBrokers(), clientId: 'large', logLevel: logLevel.NOTHING });
    const producer = kafka.producer();
    await producer.connect();
    await producer.send({ topic, messages: [{ value: Buffer.alloc(1_500_000, 7) }] });
    await producer.disconnect();
    await ingest(store, clusterId, [topic]);
    const rows = await rowsOf(store, topic);
    assert.deepEqual(rows.map((row) => [row.key?.length ?? null, row.value?.length ?? null, row.value_by_reference, row.replay_ref]), [[0, null, false, ref], [null, 0, false, null], [null, null, true, null]]);
    assert.equal(rows[1]?.header_values[1], null);
    assert.deepEqual(rows[1]?.header_names[1], Buffer.from([0xff, 0xfe]));
    const sizes = await store.query<{ value_bytes: number | null }>('select value_bytes from dead_letter order by "offset"');
    assert.deepEqual(sizes.map((row) => row.value_bytes), [null, 0, 1_500_000]);
  });

  it('tells when the broker is expected to take the record', async () => {
    const { store, clusterId } = await newStore();
    const [short, forEver] = [await createTopic(uniqueName('short-dlq'), { config: { 'retention.ms': '3600000' } }), await createTopic(uniqueName('long-dlq'), { config: { 'cleanup.policy': 'compact' } })];
    await writeRecords(short, [plain('a')]);
    await writeRecords(forEver, [{ ...plain('b'), key: Buffer.from('b') }]);
    await ingest(store, clusterId, [short, forEver]);
    const rows = await store.query<{ correlation_id: string; kept: number | null }>('select correlation_id, extract(epoch from expires_at - timestamp)::int as kept from dead_letter order by correlation_id');
    assert.deepEqual(rows, [{ correlation_id: 'a', kept: 3_600 }, { correlation_id: 'b', kept: null }]);
  });

  it('survives a record made to break it', async () => {
    const { store, clusterId } = await newStore();
    const topic = await createTopic(uniqueName('hostile-dlq'));
    const header = (name: string, value: Buffer | string): [Buffer, Buffer] => [Buffer.from(name), Buffer.from(value)];
    await writeRecords(topic, [
      { key: Buffer.from([0]), value: Buffer.from('x'), timestampMs: 1n, headers: [header('kafka_dlt-original-topic', 'a\0b'), header('kafka_dlt-original-timestamp', Buffer.from('7fffffffffffffff', 'hex')), header('kafka_dlt-exception-message', Buffer.from([0xff, 0, 0x22, 0x5c, 0x27])), header('correlation-id', 'nul\0l')] },
      { key: null, value: null, headers: Array.from({ length: 10_000 }, (_, index) => header(`h${index}`, '{"\\x')) },
      plain('good'),
    ]);
    const figures = await ingest(store, clusterId, [topic]);
    assert.equal(figures.stored, 3);
    const rows = await rowsOf(store, topic);
    assert.deepEqual([rows[0]?.origin_topic, rows[0]?.origin_timestamp, rows[0]?.correlation_id], ['a␀b', null, 'nul␀l']);
    assert.equal(rows[1]?.header_names.length, 10_000);
    assert.equal(rows[1]?.header_values[9_999]?.toString(), '{"\\x');
  });

  it('reads on from the log start where retention took what was not read, and says how much', async () => {
    const { store, clusterId } = await newStore();
    const topic = await createTopic(uniqueName('expired-dlq'));
    await writeRecords(topic, [plain('a')]);
    await ingest(store, clusterId, [topic]);
    await writeRecords(topic, [plain('lost 1'), plain('lost 2'), plain('kept')]);
    const admin = new KafkaJs({ brokers: testBrokers(), clientId: 'expire', logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    hooks.push(() => admin.disconnect());
    await admin.fetchTopicOffsets(topic); // loads the metadata that deleteTopicRecords needs
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '3' }] });
    const figures = await ingest(store, clusterId, [topic]);
    assert.equal(figures.missed, '2');
    assert.deepEqual((await rowsOf(store, topic)).map((row) => row.correlation_id), ['a', 'kept']);
  });

  it('values over the limit of the settings stay with the broker, with their size', async () => {
    const { store, clusterId } = await newStore();
    const topic = await createTopic(uniqueName('limit-dlq'));
    await writeRecords(topic, [{ ...plain('a'), value: Buffer.from('12345') }, { ...plain('b'), value: Buffer.from('123456') }]);
    await ingest(store, clusterId, [topic], { maxStoredValueBytes: 5 });
    const rows = await store.query('select b.value, b.value_by_reference as "byReference", d.value_bytes as bytes from dead_letter d join dead_letter_body b using (topic_id, partition, "offset") order by d."offset"');
    assert.deepEqual(rows, [{ value: Buffer.from('12345'), byReference: false, bytes: 5 }, { value: null, byReference: true, bytes: 6 }]);
  });

  it('makes no consumer group and commits nothing', async () => {
    const admin = new KafkaJs({ brokers: testBrokers(), clientId: 'groups', logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    hooks.push(() => admin.disconnect());
    const before = new Set((await admin.listGroups()).groups.map((group) => group.groupId));
    const { store, clusterId } = await newStore();
    const topic = await createTopic(uniqueName('quiet-dlq'));
    await writeRecords(topic, [plain('a')]);
    await ingest(store, clusterId, [topic]);
    const added = (await admin.listGroups()).groups.map((group) => group.groupId).filter((group) => !before.has(group));
    // Other tests run beside this one: only a group that names us or our topic would be ours.
    assert.deepEqual(added.filter((group) => /ingest-test|quiet-dlq/u.test(group)), []);
  });
});
