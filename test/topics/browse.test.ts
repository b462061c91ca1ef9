import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import avsc from 'avsc';
import { Kafka, logLevel } from 'kafkajs';
import { browseTopic, browseTopicQuerySchema } from '#lib/operations/browse-topic.ts';
import { getTopicMessage, getTopicMessageValue } from '#lib/operations/get-topic-message.ts';
import type { MessageWire } from '#lib/operations/message-shape.ts';
import type { Store } from '#lib/store/store.ts';
import { eventually } from '#test/harness/eventually.ts';
import { javaProgram } from '#test/harness/java-program.ts';
import { testBrokers, uniqueName } from '#test/harness/kafka.ts';
import { readCommitted, type CommittedRecord } from '#test/replay/read-committed.ts';
import { writeRecords } from '../dead-letters/write-dead-letters.ts';
import { type Browsing, openBrowsing, raw } from './browsing.ts';
import { framed, type RegistryServer, startRegistryServer } from './registry-server.ts';

const AVRO = '{"type":"record","name":"Order","namespace":"shop","fields":[{"name":"id","type":"long"},{"name":"note","type":["null","string"]}]}';

describe('messages of a topic, browsed', () => {
  const kafka = new Kafka({ brokers: testBrokers(), clientId: 'browse-test', logLevel: logLevel.ERROR });
  let browsing: Browsing;
  let store: Store;
  let registry: RegistryServer;

  before(async () => {
    registry = await startRegistryServer({
      '/schemas/ids/7': { schema: AVRO },
      '/schemas/ids/9': { schema: '{"type":"object"}', schemaType: 'JSON' },
      '/schemas/ids/11': { schema: 'no schema at all {' },
    });
    browsing = await openBrowsing(registry.url);
    store = browsing.store;
  });
  after(async () => {
    await browsing.close();
    await registry.close();
  });

  const topicWith: Browsing['topicWith'] = (...args) => browsing.topicWith(...args);
  const browse: Browsing['browse'] = (...args) => browsing.browse(...args);
  async function all(topic: string, query: Record<string, unknown>): Promise<{ items: MessageWire[]; scanned: number; pages: number }> {
    const items: MessageWire[] = [];
    let scanned = 0;
    for (let cursor: string | null | undefined, pages = 1; ; pages++) {
      const page = await browse(topic, { ...query, ...(cursor ? { cursor } : {}) });
      items.push(...page.items);
      scanned += page.scanned;
      if (page.nextCursor === null) return { items, scanned, pages };
      cursor = page.nextCursor;
      assert.ok(pages < 2_000, 'a cursor that leads nowhere');
    }
  }
  const at = (message: MessageWire) => `${message.partition}@${message.offset}`;
  const text = (message: MessageWire) => (message.valueBase64 === null ? null : Buffer.from(message.valueBase64, 'base64').toString());

  describe('with every compression, aborted and open transactions', () => {
    let topic: string;
    let java: CommittedRecord[];
    before(async () => {
      topic = await topicWith([]);
      const { command, args } = javaProgram(fileURLToPath(new URL('../dead-letters/WriteAwkward.java', import.meta.url)));
      await promisify(execFile)(command, [...args, testBrokers().join(','), topic], { timeout: 90_000 });
      java = await readCommitted(testBrokers().join(','), topic);
    });

    for (const limit of [17, 200]) {
      it(`page by page of ${limit} they are exactly what Kafka's own read_committed consumer sees, from both ends`, async () => {
        const offsets = java.map((record) => record.offset.toString());
        assert.deepEqual((await all(topic, { order: 'oldest', limit })).items.map((message) => message.offset), offsets);
        const newest = await all(topic, { order: 'newest', limit });
        assert.deepEqual(newest.items.map((message) => message.offset), offsets.toReversed());
        assert.equal(newest.scanned, java.length, 'no record is read twice');
      });
    }

    it('on demand also the aborted and the open ones, each marked, none as an ordinary one', async () => {
      const committed = new Set(java.map((record) => record.offset.toString()));
      for (const order of ['oldest', 'newest']) {
        const { items } = await all(topic, { order, isolation: 'all', limit: 33 });
        const by = Map.groupBy(items, (message) => message.visibility);
        assert.deepEqual(new Set(by.get('committed')?.map((message) => message.offset)), committed);
        // The open transaction is aborted by the broker after a minute, which a slow machine may outlast.
        const marked = [...(by.get('aborted') ?? []), ...(by.get('undecided') ?? [])];
        assert.deepEqual([marked.length, [0, 5].includes(by.get('undecided')?.length ?? 0)], [125, true]);
        assert.ok(marked.every((message) => !message.valueBytes || /aborted|open/u.test(text(message) ?? '')));
      }
    });

    it('one aborted record can be opened, and says that it is aborted', async () => {
      const aborted = (await all(topic, { order: 'oldest', isolation: 'all', limit: 100 })).items.find((message) => message.visibility === 'aborted')!;
      const { message } = await getTopicMessage(store, { cluster: 'test', topic, partition: 0, offset: aborted.offset, principal: 'ana' });
      assert.deepEqual([message.visibility, message.valueBase64, message.headerCount], ['aborted', aborted.valueBase64, 5]);
      assert.equal(message.headers[1]?.[1], null);
    });

    it('no group was joined and nothing committed, says Kafka’s own tool', async () => {
      const { command, args } = javaProgram('org.apache.kafka.tools.consumer.group.ConsumerGroupCommand');
      const { stdout } = await promisify(execFile)(command, [...args, '--bootstrap-server', testBrokers().join(','), '--describe', '--all-groups', '--timeout', '60000'], { timeout: 90_000, maxBuffer: 64 * 1024 * 1024 }).catch((error: { stdout: string }) => error);
      assert.equal(stdout.includes(topic), false);
      assert.equal(/\bbrowse-test\b/u.test(stdout), false);
    });
  });

  it('several partitions are merged by time, each record once, wherever the pages end', async () => {
    const records = Array.from({ length: 90 }, (_, n) => raw(`v${n}`, { partition: (n * 7) % 4 === 3 ? 0 : (n * 7) % 4, timestampMs: BigInt(1_790_000_000_000 + n * 1_000) }));
    const topic = await topicWith(records, { partitions: 5 });
    const expected = records.map((_, n) => `v${n}`);
    for (const limit of [7, 13, 500]) {
      assert.deepEqual((await all(topic, { order: 'oldest', limit })).items.map(text), expected);
      assert.deepEqual((await all(topic, { order: 'newest', limit })).items.map(text), expected.toReversed());
    }
    const time = new Date(1_790_000_040_000).toISOString();
    assert.deepEqual((await browse(topic, { order: 'oldest', time, limit: 3 })).items.map(text), ['v40', 'v41', 'v42']);
    assert.deepEqual((await browse(topic, { order: 'newest', time, limit: 3 })).items.map(text), ['v39', 'v38', 'v37']);
    const one = await all(topic, { order: 'oldest', partitions: '2', limit: 5 });
    assert.ok(one.items.length > 0 && one.items.every((message) => message.partition === 2));
    assert.deepEqual((await browse(topic, { order: 'newest', partitions: '2', offset: '3', limit: 10 })).items.map(at), ['2@3', '2@2', '2@1', '2@0']);
    assert.deepEqual((await browse(topic, { order: 'oldest', partitions: '4' })).items, [], 'an empty partition');
    const missing = await browse(topic, { order: 'oldest', partitions: '0,77' });
    assert.deepEqual([missing.failures[0]?.partition, missing.failures[0]?.code, missing.items.length > 0], [77, 'unknown-topic-or-partition', true]);
  });

  it('a key finds its records, whole and exact', async () => {
    const topic = await topicWith(Array.from({ length: 40 }, (_, n) => raw(`v${n}`, { key: Buffer.from(n % 10 === 3 ? 'ana' : `ana${n}`), partition: n % 3 })), { partitions: 3 });
    const found = await all(topic, { order: 'oldest', key: 'ana' });
    assert.deepEqual([new Set(found.items.map(text)), found.scanned], [new Set(['v3', 'v13', 'v23', 'v33']), 40]);
    assert.deepEqual((await all(topic, { order: 'newest', keyBase64: Buffer.from('ana7').toString('base64') })).items.map(text), ['v7']);
  });

  it('a deleted head, an empty topic and an offset past the end are what they are', async () => {
    const topic = await topicWith(Array.from({ length: 20 }, (_, n) => raw(`v${n}`)));
    const admin = kafka.admin();
    await admin.connect();
    try {
      // kafkajs knows the leaders only after it was asked about the topic.
      await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '15' }] });
    } finally {
      await admin.disconnect();
    }
    assert.deepEqual((await all(topic, { order: 'oldest', limit: 1 })).items.map(text), ['v15', 'v16', 'v17', 'v18', 'v19']);
    assert.deepEqual((await all(topic, { order: 'newest', limit: 2 })).items.map(text), ['v19', 'v18', 'v17', 'v16', 'v15']);
    assert.deepEqual((await browse(topic, { order: 'oldest', offset: '3', limit: 1 })).items.map(text), ['v15']);
    const past = await browse(topic, { order: 'oldest', offset: '999' });
    assert.deepEqual([past.items, past.nextCursor, past.stopped, past.ranges], [[], null, 'end', [{ partition: 0, start: '15', end: '20' }]]);
    const empty = await browse(await topicWith([]));
    assert.deepEqual([empty.items, empty.scanned, empty.stopped], [[], 0, 'end']);
    await assert.rejects(getTopicMessage(store, { cluster: 'test', topic, partition: 0, offset: '3', principal: 'ana' }), { code: 'message-not-found', status: 404 });
  });

  it('gaps that compaction left are stepped over, from both ends', async () => {
    const topic = await topicWith([], { config: { 'cleanup.policy': 'compact', 'segment.ms': '50', 'min.cleanable.dirty.ratio': '0.001', 'max.compaction.lag.ms': '100', 'min.compaction.lag.ms': '0', 'delete.retention.ms': '0' } });
    await writeRecords(topic, Array.from({ length: 300 }, (_, n) => raw(`v${n}`, { key: Buffer.from(n === 150 ? 'kept' : 'same') })));
    await eventually(async () => {
      // The active segment is never compacted: a record rolls it.
      await writeRecords(topic, [raw('roll', { key: Buffer.from('roll') })]);
      const { items } = await all(topic, { order: 'oldest', limit: 500 });
      assert.ok(items.length < 60, `${items.length} are left`);
      assert.ok(items.some((message) => message.offset === '150'));
      const backwards = await all(topic, { order: 'newest', limit: 3 });
      assert.deepEqual(backwards.items.map(at), items.map(at).toReversed());
    }, { timeoutMs: 90_000, everyMs: 2_000 });
  });

  it('a huge record is shown by its first bytes and read whole on demand', async () => {
    const topic = await topicWith([], { config: { 'max.message.bytes': '20000000' } });
    const large = Buffer.alloc(6_000_000, 'a');
    await writeRecords(topic, [raw('before'), raw(large), raw('after')]);
    const { items, bytes } = await browse(topic, { order: 'newest', limit: 10 });
    assert.deepEqual(items.map((message) => [message.valueBytes, Buffer.from(message.valueBase64 ?? '', 'base64').length]), [[5, 5], [6_000_000, 1_024], [6, 6]]);
    assert.ok(bytes < 40_000_000);
    const { message } = await getTopicMessage(store, { cluster: 'test', topic, partition: 0, offset: '1', principal: 'ana' });
    assert.deepEqual([message.valueBytes, Buffer.from(message.valueBase64 ?? '', 'base64').length], [6_000_000, 1_048_576]);
    assert.ok((await getTopicMessageValue(store, { cluster: 'test', topic, partition: 0, offset: '1', principal: 'ana' })).equals(large));
    // Too large for a filter: said, not hidden.
    const filtered = await browse(topic, { order: 'oldest', filter: 'size(value) > 0' });
    assert.deepEqual([filtered.matched, filtered.scanned], [3, 3]);
  });

  it('whatever bytes keys, values and headers are, they come as they are', async () => {
    const hostile = '</script><img src=x onerror=alert(1)>\u202e\u0000=HYPERLINK("x")';
    const topic = await topicWith([raw(hostile, { key: Buffer.from(hostile), headers: [[Buffer.from(hostile), Buffer.from(hostile)], [Buffer.from([0xff, 0xfe]), null], [Buffer.alloc(0), Buffer.alloc(0)]] }), raw(null), raw(Buffer.alloc(0)), raw(Buffer.from([0, 1, 2, 0xff]))]);
    const { items } = await browse(topic, { order: 'oldest' });
    assert.equal(text(items[0]!), hostile);
    assert.equal(Buffer.from(items[0]?.headerNamesBase64?.[0] ?? '', 'base64').toString(), hostile);
    assert.equal(Buffer.from(items[0]?.keyBase64 ?? '', 'base64').toString(), hostile);
    assert.deepEqual([items[0]?.headerNamesBase64?.[1], items[0]?.headers[1]?.[1], items[0]?.headers[2]], ['//4=', null, ['', '']]);
    assert.deepEqual(items.slice(1).map((message) => [message.valueBase64, message.valueBytes]), [[null, null], ['', 0], ['AAEC/w==', 4]]);
  });

  it('a value that its schema does not fit, and a schema that is none, say so; schemas once read are not asked for again', async () => {
    const avro = avsc.Type.forSchema(JSON.parse(AVRO), { wrapUnions: false } as never);
    const topic = await topicWith([
      raw(framed(7, avro.toBuffer({ id: 41, note: 'naïve' }))),
      raw(framed(9, Buffer.from('{"id": 41}'))),
      raw(framed(10, [1])),
      raw(framed(11, [1])),
      raw(framed(7, [1])),
      raw('{"id": 41}'),
    ]);
    const { items } = await browse(topic, { order: 'oldest' });
    assert.deepEqual(items.map(({ value }) => (value === null || 'error' in value ? null : value.format)), ['avro', 'json', null, null, null, null]);
    for (const [index, reason] of [[2, /has no schema 10/u], [3, /schema|type/u], [4, /end too early/u]] as const) assert.match((items[index]!.value as { error: string }).error, reason);
    const filtered = await browse(topic, { order: 'oldest', filter: 'value.id == 41' });
    assert.deepEqual([filtered.items.map((message) => message.offset), filtered.failed], [['0', '1', '5'], 3]);
    assert.equal(filtered.firstError?.offset, '2');
    const before = registry.asked.length;
    await browse(topic, { order: 'newest' });
    assert.deepEqual(registry.asked.slice(before), [], 'schemas never change under their id: known ones are not asked for again');
  });

  describe('filtered in CEL', () => {
    let topic: string;
    before(async () => {
      topic = await topicWith(Array.from({ length: 600 }, (_, n) => raw(n % 100 === 99 ? 'no json' : JSON.stringify({ amount: n, big: Array.from({ length: n === 42 ? 300 : 1 }, (_item, i) => i) }), { partition: n % 2, key: Buffer.from(`k${n % 3}`), headers: n % 2 ? [[Buffer.from('x'), Buffer.from('y')]] : [] })), { partitions: 2 });
    });

    it('what matches is shown, and how many were read, matched and could not be judged is said', async () => {
      const answer = await browse(topic, { order: 'oldest', limit: 500, filter: 'value.amount > 500 && "x" in headers && key == "k0"' });
      const expected = Array.from({ length: 600 }, (_, n) => n).filter((n) => n > 500 && n % 2 === 1 && n % 3 === 0 && n % 100 !== 99);
      assert.deepEqual(answer.items.map((message) => (JSON.parse(text(message) ?? '') as { amount: number }).amount), expected);
      assert.deepEqual([answer.scanned, answer.matched, answer.stopped], [600, expected.length, 'end']);
      // An error beside a false is false, as CEL has it: only where all else holds a text without fields fails.
      assert.equal(answer.failed, 2);
      assert.match(answer.firstError?.message ?? '', /./u);
    });

    it('by cursor it goes on without losing or repeating a match', async () => {
      const query = { filter: 'value.amount >= 300', limit: 70 };
      const oldest = await all(topic, { ...query, order: 'oldest' });
      const newest = await all(topic, { ...query, order: 'newest' });
      assert.equal(oldest.items.length, 297);
      assert.deepEqual(new Set(newest.items.map(at)), new Set(oldest.items.map(at)));
      assert.deepEqual([newest.items.length, newest.scanned, oldest.scanned], [297, 600, 600]);
    });

    it('a filter that is wrong, does not end or eats memory is refused or killed by name, and the next one works', async () => {
      await assert.rejects(browse(topic, { filter: 'value.amount >' }), { code: 'filter-invalid', status: 400 });
      await assert.rejects(browse(topic, { filter: 'amount > 1' }), { code: 'filter-invalid', message: /there is no "amount".*character 1/u });
      await assert.rejects(browse(topic, { order: 'oldest', filter: 'value.big.all(a, value.big.all(b, value.big.all(c, value.big.all(d, a + b + c + d >= 0))))' }), { code: 'filter-stopped', status: 422, message: /partition 0, offset 21/u });
      assert.equal((await browse(topic, { filter: 'value.amount == 7' })).matched, 1);
    });
  });

  it('a cursor of another order or incarnation, and a topic that is not there, are refused', async () => {
    const topic = await topicWith([raw('a'), raw('b')]);
    const { nextCursor } = await browse(topic, { order: 'oldest', limit: 1 });
    await assert.rejects(browse(topic, { order: 'newest', cursor: nextCursor }), { code: 'bad-cursor' });
    await assert.rejects(browse(topic, { order: 'oldest', cursor: 'AAAA' }), { code: 'bad-cursor' });
    const other = await topicWith([raw('c')]);
    await assert.rejects(browse(other, { order: 'oldest', cursor: nextCursor }), { code: 'bad-cursor', message: /deleted and created/u });
    await assert.rejects(browse(uniqueName('none')), { code: 'topic-not-found', status: 404 });
  });

  it('whoever leaves ends the search at the broker', async () => {
    const topic = await topicWith(Array.from({ length: 50 }, (_, n) => raw(`v${n}`)));
    const leaving = new AbortController();
    const search = browseTopic(store, { cluster: 'test', topic, query: browseTopicQuerySchema.parse({ filter: 'offset < 0' }), principal: 'leaver', signal: leaving.signal });
    leaving.abort();
    await assert.rejects(search, { code: 'cancelled' });
    await eventually(async () => assert.deepEqual(await store.query("select distinct state from broker_request where principal = 'leaver'"), [{ state: 'cancelled' }]));
  });
});
