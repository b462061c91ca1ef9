import assert from 'node:assert/strict';
import { createConnection } from 'node:net';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import protobuf from 'protobufjs/minimal.js';
import { readSpan } from '#lib/store/journeys/read-span.ts';
import { openStore, type Store } from '#lib/store/store.ts';
import { eventually } from '#test/harness/eventually.ts';
import { testStore } from '#test/harness/database.ts';
import { bodiesOf, corpusRuns, spansOf } from '#test/journeys/corpus.ts';
import { corpusNow, post, testReceiver } from './receiver.ts';

const json = { 'content-type': 'application/json' };
const proto = { 'content-type': 'application/x-protobuf' };
const traceId = 'abcdef0123456789abcdef0123456789';

function request(spans: object[], service = 'shop'): Buffer {
  return Buffer.from(JSON.stringify({ resourceSpans: [{ resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] }, scopeSpans: [{ spans }] }] }));
}

function span(spanId: string, change: object = {}): object {
  const startNs = BigInt(corpusNow.getTime()) * 1_000_000n;
  return { traceId, spanId, name: 'work', kind: 1, startTimeUnixNano: String(startNs), endTimeUnixNano: String(startNs + 5n), ...change };
}

async function countSpans(store: Store): Promise<number> {
  const [row] = await store.query<{ count: bigint }>('select count(*) as count from span');
  return Number(row!.count);
}

/** A google.rpc.Status or ExportTraceServiceResponse in protobuf: field number to value, enough for these. */
function fieldsOf(body: Buffer): Map<number, string | number> {
  const reader = protobuf.Reader.create(body);
  const fields = new Map<number, string | number>();
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if ((tag & 7) === 0) fields.set(tag >>> 3, reader.uint32());
    else fields.set(tag >>> 3, reader.string());
  }
  return fields;
}

test('every recorded body is stored in each encoding and answered in its own, however it is sent', async (t) => {
  const store = await testStore(t);
  const { url, queue } = await testReceiver(t, store);
  const seen = new Set<string>();
  for (const run of corpusRuns()) {
    for (const { body, contentType, encoding, file } of bodiesOf(run)) {
      const type = { 'content-type': contentType };
      const ways: { body: Buffer | Buffer[]; headers: Record<string, string> }[] = [
        { body, headers: { ...type, 'content-length': String(body.length) } },
        { body: [body.subarray(0, 7), body.subarray(7)], headers: { ...type, 'transfer-encoding': 'chunked' } },
        { body: [gzipSync(body)], headers: { ...type, 'content-encoding': 'GZIP', 'transfer-encoding': 'chunked' } },
      ];
      for (const way of ways) {
        const answer = await post(`${url}/v1/traces`, way.body, way.headers);
        assert.equal(answer.status, 200, `${run}/${file}: ${answer.body.toString()}`);
        assert.equal(answer.headers['content-type'], encoding === 'json' ? 'application/json' : 'application/x-protobuf');
        assert.equal(answer.body.toString(), encoding === 'json' ? '{}' : '');
      }
    }
    for (const each of spansOf(run)) seen.add(`${each.traceId}:${each.spanId}`);
  }
  assert.equal(await countSpans(store), seen.size);
  const { accepted, stored, duplicate, rejected } = queue.counts;
  assert.equal(accepted, stored + duplicate + rejected);
  assert.deepEqual([stored, duplicate, rejected], [seen.size, seen.size * 2, 0]);
});

test('a stored span gives back its columns and all of its attributes', async (t) => {
  const store = await testStore(t);
  const { url } = await testReceiver(t, store);
  await store.prisma.cluster.create({ data: { name: 'shop', kafkaClusterId: 'cluster-1' } });
  const answer = await post(`${url}/v1/traces`, request([span('0123456789abcdef', {
    parentSpanId: 'FEDCBA9876543210', kind: 5, name: 'process "orders" \\ {a,b}', status: { code: 2, message: 'amount must be positive' },
    attributes: [
      { key: 'messaging.system', value: { stringValue: 'kafka' } }, { key: 'messaging.destination.name', value: { stringValue: 'orders' } },
      { key: 'messaging.kafka.offset', value: { stringValue: '9007199254740993' } }, { key: 'messaging.destination.partition.id', value: { stringValue: '2' } },
      { key: 'messaging.kafka.cluster.id', value: { stringValue: 'cluster-1' } }, { key: 'correlation_id', value: { stringValue: 'o"1' } },
      { key: 'error.type', value: { stringValue: 'PaymentRefused' } }, { key: 'big', value: { intValue: '9007199254740993' } }, { key: 'nothing', value: {} },
    ],
    events: [{ name: 'retry', timeUnixNano: '5', attributes: [] }],
    links: [{ traceId, spanId: '1111111111111111', attributes: [{ key: 'messaging.kafka.offset', value: { intValue: 7 } }] }],
  })]), json);
  assert.equal(answer.status, 200);
  const [row] = await store.query<Record<string, unknown> & { trace_id: Buffer; parent_span_id: Buffer; links: unknown[] }>('select * from span');
  assert.equal(row!['name'], 'process "orders" \\ {a,b}');
  assert.equal(row!['offset'], 9007199254740993n);
  assert.deepEqual([row!['operation'], row!['topic'], row!['partition'], row!['journey_key'], row!['status_message'], row!['service']], ['process', 'orders', 2, 'o"1', 'PaymentRefused: amount must be positive', 'shop']);
  assert.equal(row!.trace_id.toString('hex'), traceId);
  assert.equal(row!.parent_span_id.toString('hex'), 'fedcba9876543210');
  assert.equal(row!['cluster_id'], (await store.prisma.cluster.findFirstOrThrow()).id);
  assert.deepEqual(row!.links, [{ traceId, spanId: '1111111111111111', offset: '7' }]);
  const { detail } = (await readSpan(store, traceId, '0123456789abcdef'))!;
  assert.equal(detail.attributes.length, 9);
  assert.equal(detail.attributes.find((attribute) => attribute.key === 'big')!.value, 9007199254740993n);
  assert.equal(detail.events[0]!.name, 'retry');
});

test('an empty request is a success in both encodings', async (t) => {
  const { url } = await testReceiver(t, await testStore(t));
  assert.equal((await post(`${url}/v1/traces`, Buffer.alloc(0), proto)).status, 200);
  const answer = await post(`${url}/v1/traces`, Buffer.from('{}'), { 'content-type': 'Application/JSON; charset=utf-8' });
  assert.deepEqual([answer.status, answer.body.toString()], [200, '{}']);
});

test('spans that can never be stored are rejected by partial success and the others are stored', async (t) => {
  const store = await testStore(t);
  const { url, queue } = await testReceiver(t, store);
  const ahead = String(BigInt(corpusNow.getTime() + 2 * 86_400_000) * 1_000_000n);
  const answer = await post(`${url}/v1/traces`, request([
    span('0123456789abcdef'), span('0000000000000000'), span('nothex'), span('1111111111111111', { traceId: '00' }),
    span('2222222222222222', { startTimeUnixNano: '1' }), span('3333333333333333', { startTimeUnixNano: ahead }), span('4444444444444444', { endTimeUnixNano: '0' }),
  ]), json);
  assert.equal(answer.status, 200);
  const { partialSuccess } = JSON.parse(answer.body.toString()) as { partialSuccess: { rejectedSpans: string; errorMessage: string } };
  assert.equal(partialSuccess.rejectedSpans, '5');
  assert.match(partialSuccess.errorMessage, /5 of 7 spans were rejected.*invalid span id.*retention.*day ahead/);
  assert.equal(await countSpans(store), 2);
  assert.deepEqual(queue.counts, { accepted: 7, stored: 2, duplicate: 0, rejected: 5, refused: 0 });
});

test('each refusal is a Status in the encoding of the request', async (t) => {
  const store = await testStore(t);
  const { url, refusals } = await testReceiver(t, store, { otlpMaxBodyBytes: 100_000 });
  const cases: { name: string; status: number; send: () => ReturnType<typeof post> }[] = [
    { name: 'not JSON', status: 400, send: () => post(`${url}/v1/traces`, Buffer.from('{"resourceSpans":'), json) },
    { name: 'not protobuf', status: 400, send: () => post(`${url}/v1/traces`, Buffer.from([10, 200, 1]), proto) },
    { name: 'broken gzip', status: 400, send: () => post(`${url}/v1/traces`, Buffer.from('no gzip'), { ...proto, 'content-encoding': 'gzip' }) },
    { name: 'gzip cut off', status: 400, send: () => post(`${url}/v1/traces`, gzipSync(request([span('0123456789abcdef')])).subarray(0, 60), { ...json, 'content-encoding': 'gzip' }) },
    { name: 'unknown encoding', status: 400, send: () => post(`${url}/v1/traces`, Buffer.from('{}'), { ...json, 'content-encoding': 'br' }) },
    { name: 'wrong method', status: 405, send: () => post(`${url}/v1/traces`, Buffer.alloc(0), proto, 'PUT') },
    { name: 'wrong path', status: 404, send: () => post(`${url}/v1/metrics`, Buffer.from('{}'), json) },
    { name: 'wrong type', status: 415, send: () => post(`${url}/v1/traces`, Buffer.from('x'), { 'content-type': 'text/plain' }) },
    { name: 'no type', status: 415, send: () => post(`${url}/v1/traces`, Buffer.from('x'), {}) },
    { name: 'too large by its length', status: 413, send: () => post(`${url}/v1/traces`, Buffer.alloc(100_001), { ...json, 'content-length': '100001' }) },
    { name: 'too large, chunked', status: 413, send: () => post(`${url}/v1/traces`, [Buffer.alloc(60_000, 32), Buffer.alloc(60_000, 32)], { ...json, 'transfer-encoding': 'chunked' }) },
    { name: 'too large after unpacking', status: 413, send: () => post(`${url}/v1/traces`, gzipSync(Buffer.alloc(100_001, 32)), { ...proto, 'content-encoding': 'gzip' }) },
  ];
  for (const each of cases) {
    const answer = await each.send();
    assert.equal(answer.status, each.status, each.name);
    if (answer.headers['content-type'] === 'application/json') {
      const status = JSON.parse(answer.body.toString()) as { code: number; message: string };
      assert.ok(status.code > 0 && status.message.length > 10, each.name);
    } else {
      assert.equal(answer.headers['content-type'], 'application/x-protobuf', each.name);
      const status = fieldsOf(answer.body);
      assert.ok(Number(status.get(1)) > 0 && String(status.get(2)).length > 10, each.name);
    }
    assert.equal(answer.headers['retry-after'], undefined, 'none of these may be tried again');
  }
  assert.equal(Object.values(refusals).reduce((sum, count) => sum + count, 0), cases.length);
  assert.equal(await countSpans(store), 0);
});

test('a receiver with a token refuses whoever does not send it, before it reads the body', async (t) => {
  const store = await testStore(t);
  const { url } = await testReceiver(t, store, { otlpToken: 'secret-1' });
  for (const headers of [json, { ...json, authorization: 'Bearer secret-2' }, { ...json, authorization: 'Basic c2VjcmV0LTE=' }]) {
    const answer = await post(`${url}/v1/traces`, request([span('0123456789abcdef')]), headers);
    assert.deepEqual([answer.status, answer.headers['www-authenticate'], (JSON.parse(answer.body.toString()) as { code: number }).code], [401, 'Bearer realm="waybill-otlp"', 16]);
  }
  assert.equal((await post(`${url}/v1/traces`, request([span('0123456789abcdef')]), { ...json, authorization: 'bearer secret-1' })).status, 200);
  assert.equal(await countSpans(store), 1);
});

test('CORS is off unless origins are configured', async (t) => {
  const store = await testStore(t);
  const closed = await testReceiver(t, store);
  const refused = await post(`${closed.url}/v1/traces`, Buffer.alloc(0), { origin: 'https://shop.example' }, 'OPTIONS');
  assert.deepEqual([refused.status, refused.headers['access-control-allow-origin']], [405, undefined]);
  const open = await testReceiver(t, store, { otlpAllowedOrigins: ['https://*.example'] });
  const allowed = await post(`${open.url}/v1/traces`, Buffer.alloc(0), { origin: 'https://shop.example' }, 'OPTIONS');
  assert.deepEqual([allowed.status, allowed.headers['access-control-allow-origin'], allowed.headers['access-control-allow-credentials']], [204, 'https://shop.example', undefined]);
  const other = await post(`${open.url}/v1/traces`, Buffer.from('{}'), { ...json, origin: 'https://shop.example.evil' });
  assert.deepEqual([other.status, other.headers['access-control-allow-origin']], [200, undefined]);
});

test('a decompression bomb is refused without filling memory', async (t) => {
  const store = await testStore(t);
  const { url } = await testReceiver(t, store);
  const bomb = gzipSync(Buffer.alloc(100 * 1024 * 1024), { level: 1 });
  assert.ok(bomb.length < 1024 * 1024);
  const before = process.memoryUsage().rss;
  const answers = await Promise.all(Array.from({ length: 8 }, () => post(`${url}/v1/traces`, bomb, { ...proto, 'content-encoding': 'gzip' })));
  for (const answer of answers) assert.equal(answer.status, 413);
  const grownMb = (process.memoryUsage().rss - before) / 1024 / 1024;
  t.diagnostic(`8 bombs of 100 MiB at once: ${Math.round(grownMb)} MiB more resident memory`);
  assert.ok(grownMb < 250, `${grownMb} MiB`);
});

test('a store that is down is 503 with Retry-After in the encoding of the request, and nothing is counted as accepted', async (t) => {
  const store = openStore('postgres://nobody@127.0.0.1:1/none');
  t.after(() => store.close());
  const { url, queue } = await testReceiver(t, store);
  for (const headers of [json, json]) {
    const answer = await post(`${url}/v1/traces`, request([span('0123456789abcdef')]), headers);
    assert.equal(answer.status, 503);
    assert.match(answer.headers['retry-after'] ?? '', /^\d+$/);
    assert.equal((JSON.parse(answer.body.toString()) as { code: number }).code, 14);
  }
  const binary = await post(`${url}/v1/traces`, bodiesOf('java-clients')[0]!.body, proto);
  assert.equal(binary.status, 503);
  assert.equal(fieldsOf(binary.body).get(1), 14);
  assert.equal(queue.counts.accepted, 0);
});

test('a store that comes back is used again without a restart, and what was refused is accepted when it is sent again', async (t) => {
  const store = await testStore(t);
  let down = true;
  const flaky: Store = { ...store, query: (sql, params) => (down ? Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })) : store.query(sql, params)) };
  const { url, queue } = await testReceiver(t, flaky);
  const body = request([span('0123456789abcdef')]);
  assert.equal((await post(`${url}/v1/traces`, body, json)).status, 503);
  down = false;
  await eventually(async () => assert.equal((await post(`${url}/v1/traces`, body, json)).status, 200), { timeoutMs: 20_000 });
  assert.equal(await countSpans(store), 1);
  assert.equal(queue.counts.accepted, queue.counts.stored + queue.counts.duplicate + queue.counts.rejected);
});

test('the answer comes after the commit', async (t) => {
  const store = await testStore(t);
  let letGo = (): void => undefined;
  const gate = new Promise<void>((resolve) => (letGo = resolve));
  let reached = (): void => undefined;
  const atStore = new Promise<void>((resolve) => (reached = resolve));
  const slow: Store = { ...store, query: async (sql, params) => {
    reached();
    await gate;
    return store.query(sql, params);
  } };
  const { url } = await testReceiver(t, slow);
  let answered = false;
  const answer = post(`${url}/v1/traces`, request([span('0123456789abcdef')]), json).then((result) => {
    answered = true;
    return result;
  });
  await atStore;
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(answered, false);
  letGo();
  assert.equal((await answer).status, 200);
  assert.equal(await countSpans(store), 1);
});

test('a flood is refused with 429 and Retry-After while the store is slow; all that was accepted is stored', async (t) => {
  const store = await testStore(t);
  let letGo = (): void => undefined;
  const gate = new Promise<void>((resolve) => (letGo = resolve));
  const slow: Store = { ...store, query: async (sql, params) => {
    await gate;
    return store.query(sql, params);
  } };
  const { url, queue } = await testReceiver(t, slow);
  const bodies = Array.from({ length: 40 }, (_, part) => request(Array.from({ length: 2_000 }, (__, index) => span((part * 2_000 + index + 1).toString(16).padStart(16, '0')))));
  const answers = bodies.map((body) => post(`${url}/v1/traces`, body, json));
  let done = 0;
  for (const answer of answers) void answer.then(() => done++);
  await eventually(() => assert.ok(queue.waiting >= 50_000 && done > 0, `${queue.waiting} waiting, ${done} answered`), { timeoutMs: 20_000 });
  letGo();
  const results = await Promise.all(answers);
  const accepted = results.filter((result) => result.status === 200).length;
  const refused = results.filter((result) => result.status === 429);
  assert.equal(accepted + refused.length, 40);
  assert.ok(refused.length > 0);
  for (const result of refused) assert.match(result.headers['retry-after'] ?? '', /^\d+$/);
  assert.equal(await countSpans(store), accepted * 2_000);
  assert.deepEqual([queue.counts.accepted, queue.counts.stored], [accepted * 2_000, accepted * 2_000]);
});

test('one request with spans the store refuses does not sink the others of the same commit', async (t) => {
  const store = await testStore(t);
  await store.execute(`create function refuse_poison() returns trigger language plpgsql as $$ begin if new.name = 'poison' then raise exception 'value too long' using errcode = '22001'; end if; return new; end $$`);
  await store.execute('create trigger refuse_poison before insert on span for each row execute function refuse_poison()');
  const { url, queue } = await testReceiver(t, store);
  const [good, bad] = await Promise.all([
    post(`${url}/v1/traces`, request([span('0123456789abcdef')]), json),
    post(`${url}/v1/traces`, request([span('1111111111111111', { name: 'poison' })]), json),
  ]);
  assert.deepEqual([good.status, good.body.toString()], [200, '{}']);
  assert.equal(bad.status, 200);
  assert.match(bad.body.toString(), /"rejectedSpans":"1"/);
  assert.deepEqual(queue.counts, { accepted: 2, stored: 1, duplicate: 0, rejected: 1, refused: 0 });
});

test('a sender that goes away in the middle leaves nothing behind', async (t) => {
  const store = await testStore(t);
  const receiver = await testReceiver(t, store);
  await new Promise<void>((resolve) => {
    const socket = createConnection(receiver.port, '127.0.0.1', () => {
      socket.write('POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n{"resourceSpans":');
      setImmediate(() => socket.destroy());
    });
    socket.on('close', () => resolve());
  });
  await eventually(() => assert.ok((receiver.refusals['400'] ?? 0) <= 1));
  assert.equal((await post(`${receiver.url}/v1/traces`, request([span('0123456789abcdef')]), json)).status, 200);
});

test('a port that is in use is said in one sentence with the setting that mends it', async (t) => {
  const store = await testStore(t);
  const { port } = await testReceiver(t, store);
  await assert.rejects(testReceiver(t, store, { otlpPort: port }), /Port \d+ on 127\.0\.0\.1 is in use.*OTLP_PORT/);
});

test("Waybill's own spans are stored but belong to no journey", async (t) => {
  const store = await testStore(t);
  const { url } = await testReceiver(t, store);
  const attributes = [{ key: 'messaging.destination.name', value: { stringValue: 'orders' } }, { key: 'correlation_id', value: { stringValue: 'o-1' } }];
  await post(`${url}/v1/traces`, request([span('0123456789abcdef', { attributes })], 'waybill-collect'), json);
  const [row] = await store.query<{ topic: string | null; journey_key: string | null; pending: bigint }>('select topic, journey_key, (select count(*) from journey_pending) as pending from span');
  assert.deepEqual(row, { topic: null, journey_key: null, pending: 0n });
});
