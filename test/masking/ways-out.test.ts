import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { pino } from 'pino';
import { registry, type Method } from '#app/api/v1/registry.ts';
import { createKafkaBroker } from '#lib/brokers/kafka/kafka-broker.ts';
import { openKafka } from '#lib/brokers/kafka/connect.ts';
import { openBrokerRegistry, type BrokerRegistry } from '#lib/brokers/registry.ts';
import { systemClock } from '#lib/clock.ts';
import type { Config } from '#lib/config.ts';
import { compileMasking } from '#lib/masking/compile-masking.ts';
import { rereadDeadLetters } from '#lib/operations/reread-dead-letters.ts';
import { formatDeadLetterId } from '#lib/model/replay.ts';
import { webUnderTest, type WebUnderTest } from '#test/access/web-context.ts';
import { header, storeDeadLetters } from '#test/dead-letters/fixtures.ts';
import { writeRecords, type RawRecord } from '#test/dead-letters/write-dead-letters.ts';
import { eventually } from '#test/harness/eventually.ts';
import { createTopic, testBrokers, uniqueName } from '#test/harness/kafka.ts';
import { createJob, type Planted } from '#test/replay/fixture.ts';
import { work } from '#test/replay/worker.ts';
import { runDeadLettersCollector } from '../../collectors/dead-letters.ts';
import { runRequestsCollector } from '../../collectors/requests.ts';
import { runRetryTopicsCollector } from '../../collectors/retry-topics.ts';

// One secret for each place it can lie in. Each is planted in a record, and none may be read in anything that Waybill answers, stores as text or logs.
const SECRETS = { field: 'sk-field-4111222233334444', nested: 'sk-nested-anna@example.com', header: 'sk-header-5555666677778888', key: 'sk-key-9999000011112222', whole: 'sk-whole-3333444455556666', number: '7770008880001234' };
const ADMIN = { authorization: 'Bearer administrator-token-of-the-test' };

describe('what masking rules hide', () => {
  const hooks: (() => unknown)[] = [];
  const stop = new AbortController();
  const collectorLog: string[] = [];
  let web: WebUnderTest;
  let brokers: BrokerRegistry;
  let running: Promise<unknown>;
  let clusterId: number;
  let config: Config;
  let origin: string;
  let dlq: string;
  let retry: string;
  let ids: string[];
  let records: RawRecord[];

  before(async () => {
    origin = await createTopic(uniqueName('pay'));
    dlq = await createTopic(`${origin}-gone`, { config: { 'max.message.bytes': '4000000' } });
    retry = await createTopic(`${origin}-again`);
    web = await webUnderTest({ after: (hook) => void hooks.push(hook as () => unknown) }, { KAFKA_BROKERS: testBrokers().join(','), KAFKA_CLUSTER_NAME: 'test', WAYBILL_DLQ_TOPICS: dlq, WAYBILL_RETRY_TOPICS: retry });
    // The rule names the origin's topic: its dead letters and retries are meant too.
    config = Object.assign(web.config, { masking: [{ topics: [origin], headers: ['x-CUSTOMER*'], values: ['$.card.number', '$..mail', '$.account'], key: true }] });
    brokers = openBrokerRegistry(config.clusters, { clientId: 'masking-test' });
    const { clusterId: kafkaId } = await brokers.get('test').describeCluster();
    clusterId = (await web.store.prisma.cluster.create({ data: { name: 'test', kafkaClusterId: kafkaId! } })).id;
    await web.store.prisma.topic.create({ data: { clusterId, name: origin, kafkaTopicId: uniqueName('id'), partitionCount: 1 } });
    const json = Buffer.from(`{ "id": 1, "card": {"number": "${SECRETS.field}", "brand": "visa"}, "people": [{"mail": "${SECRETS.nested}"}], "account": ${SECRETS.number} }`);
    const failed = (value: Buffer | null, error: string): RawRecord => ({
      key: Buffer.from(SECRETS.key),
      value,
      headers: [
        header('x-customer-id', SECRETS.header),
        header('original-topic', origin), header('original-partition', '0'), header('original-offset', '0'), header('consumer-group', 'payment'), header('error-name', 'CardError'), header('error', error),
        header('error-stack', `CardError: ${error}\n    at charge (/srv/app/charge.js:3:1)`),
        [Buffer.from('springDeserializerExceptionValue'), Buffer.concat([Buffer.from([0xac, 0xed, 0xff]), Buffer.from(SECRETS.field)])],
        header('correlation-id', 'order-77'),
      ],
    });
    const all = (error: string) => `${error} ${SECRETS.field} ${SECRETS.nested} ${SECRETS.header} ${SECRETS.key} ${SECRETS.number}`;
    records = [
      failed(json, all('declined')),
      failed(Buffer.from(`card=${SECRETS.whole}`), `can not parse "card=${SECRETS.whole.slice(0, -3)}`),
      failed(null, 'a tombstone'),
      // Larger than the store keeps: its bytes are read from the broker.
      failed(Buffer.concat([json.subarray(0, -1), Buffer.from(`, "fill": "${'x'.repeat(1_100_000)}"}`)]), all('too large')),
    ];
    // Headers of nobody's dialect quote it too.
    await writeRecords(origin, [{ key: Buffer.from(SECRETS.key), value: json, headers: [header('x-customer-id', SECRETS.header), header('why-it-failed', `no luck for ${SECRETS.header} and ${SECRETS.field}`)] }, { key: Buffer.from(SECRETS.key), value: Buffer.from(SECRETS.whole), headers: [header('why-it-failed', `can not read ${SECRETS.whole}`)] }]);
    await writeRecords(dlq, records);
    await writeRecords(retry, [records[0]!]);
    const log = pino({ level: 'trace' }, { write: (line: string) => void collectorLog.push(line) });
    const context = { store: web.store, brokers, config, clock: systemClock, log, holder: 'test:1', signal: stop.signal };
    running = Promise.all([runDeadLettersCollector(context), runRequestsCollector(context), runRetryTopicsCollector(context)]);
    await eventually(async () => assert.deepEqual((await web.store.query<{ a: bigint; b: bigint }>('select (select count(*) from dead_letter) as a, (select count(*) from retry_record) as b'))[0], { a: 4n, b: 1n }));
    ids = (await web.store.query<{ topicId: number; partition: number; offset: bigint }>('select topic_id as "topicId", partition, "offset" from dead_letter order by "offset"')).map(formatDeadLetterId);
  });
  after(async () => {
    stop.abort();
    await running;
    await brokers.close();
    for (const hook of hooks) await hook();
  });

  /** Looks for every secret in a text, and in whatever of it is base64. */
  function assertHidden(where: string, text: string): void {
    const readings = [text, ...[...text.matchAll(/[A-Za-z0-9+/]{12,}={0,2}/gu)].map(([match]) => Buffer.from(match, 'base64').toString('latin1'))];
    for (const secret of Object.values(SECRETS)) {
      // Not only the whole of it: a piece of 12 characters would tell as much.
      for (const reading of readings) for (let at = 3; at + 12 <= secret.length; at += 3) assert.ok(!reading.includes(secret.slice(at, at + 12)), `${where} tells ${secret.slice(at, at + 12)}: …${reading.slice(Math.max(0, reading.indexOf(secret.slice(at, at + 12)) - 200), reading.indexOf(secret.slice(at, at + 12)) + 60)}`);
    }
  }

  it('is in no answer of any route', async () => {
    const [failure] = await web.store.query<{ id: string }>('select id from failure order by id limit 1');
    const replayId = await createJob(web.store, { clusterId, dlq } as Planted);
    await web.store.execute(`update replay set state = 'cancelled' where id = $1`, [replayId]);
    const byPath = (path: string): Record<string, string>[] => {
      if (path.startsWith('/api/v1/dead-letters/{id}')) return ids.map((id) => ({ id }));
      if (path.startsWith('/api/v1/failures/{id}')) return [{ id: failure!.id }];
      if (path.startsWith('/api/v1/replays/{id}')) return [{ id: replayId }];
      if (path.includes('{topic}')) return [origin, dlq, retry].flatMap((topic) => (path.includes('{offset}') ? ['0', '1', '3'].map((offset) => ({ cluster: 'test', topic, partition: '0', offset })) : [{ cluster: 'test', topic }]));
      return [{ cluster: 'test', group: 'payment' }];
    };
    const search = (text: string) => encodeURIComponent(text);
    const queries: Record<string, string[]> = {
      '/api/v1/dead-letters': ['', ...Object.values(SECRETS).map((secret) => `?search=${search(secret.slice(3))}`)],
      '/api/v1/dead-letters/export': ['', '?bytes=true'],
      '/api/v1/search': ['?text=CardError', '?text=order'],
      '/api/v1/journeys': ['?key=order-77', '?search=order-77'],
      '/api/v1/clusters/{cluster}/topics/{topic}/messages': ['', '?isolation=all&order=oldest', `?filter=${search('value.card.brand == "visa"')}`, `?filter=${search('value.nothing == 1')}`, `?filter=${search('value.card.number > 5')}`],
    };
    let calls = 0;
    const answered = new Set<string>();
    for (const [path, methods] of Object.entries(registry)) {
      if (!('GET' in methods) || path === '/api/v1/events') continue;
      for (const params of byPath(path)) {
        for (const query of queries[path] ?? ['']) {
          const answer = await web.call('GET', path, { headers: ADMIN, params, query });
          const told = `${await answer.text()} ${JSON.stringify([...answer.headers])}`;
          assertHidden(`GET ${path}${query} ${JSON.stringify(params)}`, told.replaceAll(query, ''));
          if (answer.ok) answered.add(path);
          calls += 1;
        }
      }
    }
    for (const path of ['/api/v1/dead-letters', '/api/v1/dead-letters/{id}', '/api/v1/dead-letters/{id}/value', '/api/v1/dead-letters/export', '/api/v1/failures', '/api/v1/clusters/{cluster}/topics/{topic}/messages', '/api/v1/clusters/{cluster}/topics/{topic}/messages/{partition}/{offset}', '/api/v1/clusters/{cluster}/topics/{topic}/messages/{partition}/{offset}/value']) assert.ok(answered.has(path), `${path} answered`);
    assert.ok(calls > 60);
    const posted: [Method, string, unknown][] = [
      ['POST', '/api/v1/dead-letters/mapping-preview', { cluster: 'test', topic: dlq, headers: { topic: 'original-topic', errorMessage: 'error', errorClass: 'x-customer-id', errorStack: 'error-stack' } }],
      ['POST', '/api/v1/replays', { selection: { filter: { topic: dlq } }, reason: 'a test', dryRun: true }],
    ];
    for (const [method, path, body] of posted) {
      const answer = await web.call(method, path, { headers: { ...ADMIN, 'idempotency-key': uniqueName('key') }, body });
      const text = await answer.text();
      assert.ok(answer.ok, `${path}: ${text.slice(0, 300)}`);
      assertHidden(path, text);
    }
  });

  it('is found by no search, no key and no filter', async () => {
    const rows = async (query: string) => ((await (await web.call('GET', '/api/v1/dead-letters', { headers: ADMIN, query })).json()) as { items: unknown[] }).items.length;
    assert.equal(await rows('?search=declined'), 1, 'what is not masked is found');
    for (const secret of Object.values(SECRETS)) assert.equal(await rows(`?search=${encodeURIComponent(secret)}`), 0, secret);
    const browse = async (topic: string, query: string) => (await (await web.call('GET', '/api/v1/clusters/{cluster}/topics/{topic}/messages', { headers: ADMIN, params: { cluster: 'test', topic }, query })).json()) as { matched: number; scanned: number };
    for (const topic of [origin, dlq]) {
      assert.equal((await browse(topic, `?key=${encodeURIComponent(SECRETS.key)}`)).matched, 0);
      assert.equal((await browse(topic, '?key=%5Bmasked%5D')).matched, 0);
      // Joined, because each filter has a thread of its own: an error in one of them does not hide the others.
      const filters = [`value.card.number == "${SECRETS.field}"`, `value.people[0].mail == "${SECRETS.nested}"`, `value.account == ${SECRETS.number}`, `headers["x-customer-id"] == "${SECRETS.header}"`, `key == "${SECRETS.key}"`, 'string(value).contains("whole")'];
      const answer = await browse(topic, `?seconds=20&filter=${encodeURIComponent(filters.join(' || '))}`);
      assert.deepEqual([answer.matched, answer.scanned > 0], [0, true]);
    }
    assert.equal((await browse(origin, `?filter=${encodeURIComponent('value.card.brand == "visa"')}`)).matched, 1, 'the rest of the value is found');
  });

  it('is said to be hidden, with what is left of the record', async () => {
    const get = async (path: string, params: Record<string, string>) => await web.call('GET', path, { headers: ADMIN, params });
    const letter = async (id: string) => (await (await get('/api/v1/dead-letters/{id}', { id })).json()) as { valueBase64: string | null; keyBase64: string; error: { message: string }; masked: { key: boolean; value: string | null; headers: string[]; reason: string | null } | null };
    const text = (base64: string | null) => Buffer.from(base64 ?? '', 'base64').toString();
    const parts = await letter(ids[0]!);
    assert.equal(text(parts.valueBase64), '{ "id": 1, "card": {"number": "[masked]", "brand": "visa"}, "people": [{"mail": "[masked]"}], "account": "[masked]" }');
    assert.equal(parts.error.message, 'declined [masked] [masked] [masked] [masked] [masked]');
    assert.deepEqual(parts.masked, { key: true, value: 'parts', headers: ['x-customer-id', 'springDeserializerExceptionValue', 'error', 'error-stack'], reason: null });
    const whole = await letter(ids[1]!);
    assert.deepEqual([text(whole.valueBase64), whole.masked?.value], ['[masked]', 'whole']);
    assert.match(whole.masked?.reason ?? '', /not a JSON object or list/u);
    const download = await get('/api/v1/dead-letters/{id}/value', { id: ids[0]! });
    assert.deepEqual([download.status, download.headers.get('x-waybill-masked'), JSON.parse(await download.text())], [200, 'parts', { id: 1, card: { number: '[masked]', brand: 'visa' }, people: [{ mail: '[masked]' }], account: '[masked]' }]);
    const refused = await get('/api/v1/dead-letters/{id}/value', { id: ids[1]! });
    assert.deepEqual([refused.status, ((await refused.json()) as { code: string }).code], [403, 'value-masked']);
    const byReference = await get('/api/v1/dead-letters/{id}/value', { id: ids[3]! });
    assert.deepEqual([byReference.headers.get('x-waybill-source'), byReference.headers.get('x-waybill-masked')], ['broker', 'parts']);
    assert.equal((await get('/api/v1/dead-letters/{id}/value', { id: ids[2]! })).status, 404, 'a tombstone stays one');
  });

  it('is sent by a replay as it is', async () => {
    const replayId = await createJob(web.store, { clusterId, dlq } as Planted, { selection: { ids: [{ id: ids[0]!, generation: null }, { id: ids[1]!, generation: null }] }, target: origin });
    assert.equal(await work(web.store, clusterId, { holder: 'replays' }), 'finished');
    const sent = await web.store.query<{ offset: bigint }>(`select sent_offset as "offset" from replay_item where replay_id = $1 and sent_offset is not null order by "offset"`, [replayId]);
    const broker = createKafkaBroker(openKafka({ name: 'test', brokers: testBrokers() }, { clientId: 'who' }));
    try {
      const found = await Promise.all(sent.map(async ({ offset }) => (await broker.readMessage({ topic: origin, topicId: null, partition: 0, offset }, { signal: AbortSignal.timeout(20_000) })).record));
      assert.deepEqual(found.map((record) => Buffer.from(record!.value!).toString()), records.slice(0, 2).map((record) => record.value!.toString()));
      for (const record of found) {
        assert.equal(Buffer.from(record!.key!).toString(), SECRETS.key);
        assert.ok(record!.headers.some(([name, value]) => Buffer.from(name).toString() === 'x-customer-id' && Buffer.from(value!).toString() === SECRETS.header));
      }
    } finally {
      await broker.close();
    }
  });

  it('is in nothing that is stored as text, in no answer that waits in the store, and in no log', async () => {
    const tables = await web.store.query<{ name: string }>(`select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind = 'r' and n.nspname = current_schema() and c.relname not like 'dead_letter_body%' and c.relname <> 'broker_request'`);
    assert.ok(tables.some(({ name }) => name === 'dead_letter') && tables.some(({ name }) => name === 'audit_entry'));
    for (const { name } of tables) for (const { row } of await web.store.query<{ row: string }>(`select row_to_json(x)::text as row from "${name}" x`)) assertHidden(`table ${name}`, row);
    for (const line of [...web.logLines, ...collectorLog]) assertHidden('the log', line.replaceAll(/"path":"[^"]*"/gu, ''));
  });

  it('is hidden too where the rule came after the record, and the rows are counted as before', async () => {
    await storeDeadLetters(web.store, clusterId, 'later-dlq', [records[0]!, { ...records[0]!, headers: [...records[0]!.headers.slice(0, -1), header('correlation-id', SECRETS.header)] }]);
    const texts = async () => (await web.store.query<{ row: string }>(`select row_to_json(d)::text as row from dead_letter d where topic_id = (select id from topic where name = 'later-dlq')`)).map(({ row }) => row).join();
    const sums = async () => (await web.store.query<object>('select (select sum(count) from dead_letter_count) as counts, (select sum(count) from failure) as failures, (select count(*) from dead_letter) as rows, (select sum(count) from failure_hour) as hours'))[0];
    assert.match(await texts(), /sk-header/u, 'stored without a rule');
    const before = await sums();
    const input = { clusterId, masking: compileMasking([...config.masking, { headers: ['x-other'] }]), dialects: [], now: new Date(), signal: new AbortController().signal };
    assert.deepEqual(await rereadDeadLetters(web.store, { ...input, batchRows: 2, maxBatches: 1 }), { rows: 0, done: false });
    let again: { done: boolean };
    do again = await rereadDeadLetters(web.store, { ...input, batchRows: 2 });
    while (!again.done);
    assertHidden('rows stored before the rule', await texts());
    assert.deepEqual(await sums(), before);
    assert.deepEqual(await web.store.query(`select count(*)::int as n from failure f where f.count <> (select count(*) from dead_letter d where d.failure_id = f.id)`), [{ n: 0 }]);
    assert.deepEqual(await rereadDeadLetters(web.store, input), { rows: 0, done: true }, 'once for each change of the rules');
  });
});
