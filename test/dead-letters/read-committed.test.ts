import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { before, after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createKafkaBroker } from '#lib/brokers/kafka/kafka-broker.ts';
import { openKafka } from '#lib/brokers/kafka/connect.ts';
import type { Broker } from '#lib/brokers/broker.ts';
import type { BrokerRecord, BrowseFrom } from '#lib/brokers/port-records.ts';
import { javaProgram } from '#test/harness/java-program.ts';
import { createTopic, testBrokers, uniqueName } from '#test/harness/kafka.ts';
import { readCommitted, type CommittedRecord } from '#test/replay/read-committed.ts';

describe('reading committed records without a group', () => {
  let broker: Broker;
  let topic: string;
  let java: CommittedRecord[];
  before(async () => {
    broker = createKafkaBroker(openKafka({ name: 'test', brokers: testBrokers() }, { clientId: 'read-committed-test' }));
    topic = await createTopic(uniqueName('awkward'));
    const { command, args } = javaProgram(fileURLToPath(new URL('WriteAwkward.java', import.meta.url)));
    await promisify(execFile)(command, [...args, testBrokers().join(','), topic], { timeout: 60_000 });
    java = await readCommitted(testBrokers().join(','), topic);
    assert.ok(java.length > 200);
  });
  after(() => broker.close());

  const plain = (record: BrokerRecord | CommittedRecord) => ({
    offset: record.offset,
    key: record.key && Buffer.from(record.key).toString('base64'),
    value: record.value && Buffer.from(record.value).toString('base64'),
    headers: record.headers.map(([name, value]) => [Buffer.from(name).toString(), value && Buffer.from(value).toString('base64')]),
  });

  async function readAll(partitionMaxBytes: number): Promise<BrokerRecord[]> {
    const records: BrokerRecord[] = [];
    let offset = 0n;
    for (;;) {
      const [answer] = await broker.tailDeadLetters([{ topic, topicId: null, partition: 0, offset }], { partitionMaxBytes });
      assert.ok(answer && answer.failure === null);
      records.push(...answer.records);
      if (answer.nextOffset === offset) return records;
      offset = answer.nextOffset;
    }
  }

  for (const bytes of [1, 700, 4_000, 1_048_576]) {
    it(`sees exactly what Kafka's own read_committed consumer sees, byte for byte, in fetches of ${bytes} bytes`, async () => {
      assert.deepEqual((await readAll(bytes)).map(plain), java.map(plain));
    });
  }

  it('starts in the middle of an aborted transaction and still hides the rest of it', async () => {
    for (const start of [155n, 175n, 185n, 200n, 215n, 250n, 300n]) {
      const [answer] = await broker.tailDeadLetters([{ topic, topicId: null, partition: 0, offset: start }]);
      assert.deepEqual(answer?.records.map((record) => record.offset), java.map((record) => record.offset).filter((offset) => offset >= start));
    }
  });

  it('reads one record by its coordinate, and nothing where an aborted or no record lies', async () => {
    const seen = java[77]!;
    const { record } = await broker.readMessage({ topic, partition: 0, offset: seen.offset });
    assert.deepEqual(record && plain(record), plain(seen));
    const offsets = new Set(java.map((item) => item.offset));
    let hidden = 150n;
    while (offsets.has(hidden)) hidden++;
    assert.deepEqual(await broker.readMessage({ topic, partition: 0, offset: hidden }), { record: null, failure: null });
    assert.deepEqual(await broker.readMessage({ topic, partition: 0, offset: 999_999n }), { record: null, failure: null });
  });

  it('browses the newest, the oldest and from an offset', async () => {
    const offsets = async (order: 'newest' | 'oldest', from: BrowseFrom, limit: number) => {
      const bounds = { maxRecords: 10_000, maxBytes: 100_000_000, maxMs: 30_000 };
      const answer = await broker.browse({ topic, partitions: null, order, from, isolation: 'committed', selective: false, limit, ...bounds }, async (records) => records.map((record) => ({ show: record.offset, error: null })), new AbortController().signal);
      return answer.items;
    };
    const all = java.map((record) => record.offset);
    assert.deepEqual(await offsets('newest', { kind: 'edge' }, 5), all.slice(-5).toReversed());
    assert.deepEqual(await offsets('newest', { kind: 'edge' }, 100), all.slice(-100).toReversed());
    assert.deepEqual(await offsets('oldest', { kind: 'edge' }, 3), all.slice(0, 3));
    assert.deepEqual(await offsets('oldest', { kind: 'offset', offset: 100n }, 4), all.filter((offset) => offset >= 100n).slice(0, 4));
    assert.deepEqual(await offsets('oldest', { kind: 'time', timestampMs: 0n }, 2), all.slice(0, 2));
  });

  it('answers for a topic that does not exist, a partition too many and another incarnation with a failure beside good answers', async () => {
    const answers = await broker.tailDeadLetters([
      { topic, topicId: null, partition: 0, offset: 0n },
      { topic, topicId: null, partition: 9, offset: 0n },
      { topic: uniqueName('missing'), topicId: null, partition: 0, offset: 0n },
      { topic, topicId: '11111111-2222-3333-4444-555555555555', partition: 0, offset: 5n },
    ]);
    assert.deepEqual(answers.map((answer) => answer.failure?.code ?? 'ok').sort(), ['ok', 'unknown-topic-id', 'unknown-topic-or-partition', 'unknown-topic-or-partition']);
    assert.equal((await broker.tailDeadLetters([{ topic, topicId: null, partition: 0, offset: 999_999n }]))[0]?.failure?.code, 'offset-out-of-range');
  });
});
