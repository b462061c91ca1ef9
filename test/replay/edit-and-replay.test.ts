import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { pino } from 'pino';
import { runRequestsCollector } from '../../collectors/requests.ts';
import { systemClock } from '#lib/clock.ts';
import { loadConfig } from '#lib/config.ts';
import { openBrokerRegistry } from '#lib/brokers/registry.ts';
import { headersToStrip } from '#lib/dead-letter/dialects.ts';
import { WaybillError } from '#lib/errors.ts';
import { compileMasking } from '#lib/masking/compile-masking.ts';
import type { ApprovalPolicy } from '#lib/model/replay.ts';
import { approveReplay } from '#lib/operations/approve-replay.ts';
import { editAndReplay } from '#lib/operations/edit-and-replay.ts';
import { editAndReplaySchema } from '#lib/operations/edit-wire.ts';
import { getDeadLetter } from '#lib/operations/get-dead-letter.ts';
import { getReplayEdit } from '#lib/operations/get-replay-edit.ts';
import { getReplay } from '#lib/operations/get-replay.ts';
import { readEditable } from '#lib/operations/read-editable.ts';
import type { WireDryRun, WireReplayDetail } from '#lib/operations/replay-wire.ts';
import { forgetEdits } from '#lib/store/replays/replay-edits.ts';
import { readBytes } from '#lib/store/dead-letters/read-row.ts';
import type { Store } from '#lib/store/store.ts';
import { testStore } from '#test/harness/database.ts';
import { testBrokers } from '#test/harness/kafka.ts';
import { startRegistryServer, type RegistryServer } from '#test/topics/registry-server.ts';
import { killAt } from './exactly-once.ts';
import { plant, type Planted } from './fixture.ts';
import { readCommitted } from './read-committed.ts';
import { work } from './worker.ts';

// What no JSON library gives back: digits beyond 2^53, spelling of numbers, spaces, an escape that need not be one, a repeated name.
const ODD = '{ "id":12345678901234567890, "total":12.50,"rate":1E+2,"n":"\\u00e9é", "id":1 }';
const none = compileMasking([]);
const context = { principal: 'ana', masking: none, headersToStrip: (_cluster: string, dialect: string | null) => headersToStrip(dialect) };
const code = (expected: string, text?: RegExp) => (error: unknown) => error instanceof WaybillError && error.code === expected && (text === undefined || text.test(error.message));
const framed = (schemaId: number, text: string) => Buffer.concat([Buffer.from([0, 0, 0, 0, schemaId]), Buffer.from(text)]);

function ask(store: Store, id: string, body: object, options: { policy?: ApprovalPolicy; key?: string; masking?: typeof none } = {}): Promise<WireReplayDetail | WireDryRun> {
  return editAndReplay(store, {
    ...context,
    ...(options.masking ? { masking: options.masking } : {}),
    id,
    principal: { name: 'ana' },
    body: editAndReplaySchema.parse({ generation: 0, reason: 'amount was a string', ...body }),
    idempotencyKey: options.key ?? null,
    approval: { policy: options.policy ?? { kind: 'none' }, forMs: 60_000 },
  });
}

async function plantOne(store: Store, letter: { value: Buffer | null; key?: Buffer | null; headers?: [Buffer, Buffer | null][] }, count = 1): Promise<Planted> {
  const planted = await plant(store, { count, targetPartitions: 3, letter: () => letter });
  await store.execute(`update dead_letter set dialect = 'spring-kafka'`);
  return planted;
}

const H = (name: string, value: string | null): [Buffer, Buffer | null] => [Buffer.from(name), value === null ? null : Buffer.from(value)];

test('an edited record goes out once with exactly the bytes that were written, labelled, and the dead letter keeps its own', async (t) => {
  const store = await testStore(t);
  const original = Buffer.from(ODD);
  const binary = Buffer.from([0xff, 0x00]);
  const planted = await plantOne(store, { value: original, key: Buffer.from('order-7'), headers: [H('correlation-id', 'c1'), H('kafka_dlt-exception-message', 'boom'), [Buffer.from('b'), binary], H('tenant', 'acme'), H('n', null)] });
  const [id] = planted.ids as [string];
  const { wire } = await readEditable(store, id, context);
  assert.deepEqual([wire.value.text, wire.value.format, wire.key.text, wire.headers.map((one) => [one.name, one.editable, one.leftOut])], [ODD, 'json', 'order-7', [['correlation-id', true, false], ['kafka_dlt-exception-message', true, true], ['b', false, false], ['tenant', true, false], ['n', true, false]]]);

  const edited = ODD.replace('12.50', '12.5');
  const asked = (await ask(store, id, { value: { text: edited }, headers: [{ original: 0 }, { original: 1 }, { original: 2 }, { name: 'tenant', value: 'acmé' }, { original: 4 }, { name: 'x', value: null }] }, { key: 'k' })) as WireReplayDetail;
  assert.deepEqual([asked.edited, asked.counts.selected], [['value', 'headers'], 1]);
  assert.equal(((await ask(store, id, { value: { text: edited }, headers: [{ original: 0 }, { original: 1 }, { original: 2 }, { name: 'tenant', value: 'acmé' }, { original: 4 }, { name: 'x', value: null }] }, { key: 'k' })) as WireReplayDetail).id, asked.id, 'asked again it is the same replay');
  await assert.rejects(ask(store, id, { value: { text: `${edited} ` } }, { key: 'k' }), code('idempotency-key-reused'));
  // Killed with the transaction open: the next worker sends the same edited bytes, once.
  assert.equal(await killAt(store, planted, { holder: 'killed', die: 'before-commit' }), true);
  assert.equal(await work(store, planted.clusterId, { holder: 'next' }), 'finished');

  const seen = await readCommitted(testBrokers().join(','), planted.target);
  assert.equal(seen.length, 1);
  const [record] = seen as [(typeof seen)[0]];
  assert.deepEqual(record.value, Buffer.from(edited));
  assert.deepEqual(record.key, Buffer.from('order-7'));
  assert.deepEqual(record.headers.slice(0, 5), [['correlation-id', Buffer.from('c1')], ['b', binary], ['tenant', Buffer.from('acmé')], ['n', null], ['x', null]]);
  const header = (name: string) => String(record.headers.find(([one]) => one === name)?.[1]);
  assert.deepEqual([header('replay-edited-by'), header('replay-edited-original-sha256'), header('replay-count')], ['ana', wire.value.sha256, '1']);

  const bytes = await readBytes(store, { topicId: planted.dlqTopicId, partition: 0, offset: 0n });
  assert.deepEqual([bytes?.value, bytes?.headerNames.length], [original, 5], 'the stored original is untouched');
  const letter = await getDeadLetter(store, id, none);
  assert.deepEqual([letter.generation, letter.replays.map((one) => [one.generation, one.state, one.edited])], [1, [[1, 'sent', ['value', 'headers']]]]);
  const shown = await getReplayEdit(store, asked.id, none);
  assert.deepEqual([shown.original?.valueBase64, shown.edited?.valueBase64, shown.originalSha256], [original.toString('base64'), Buffer.from(edited).toString('base64'), wire.value.sha256]);
  const audit = await store.query<{ actor: string; after: { edited: { changed: string[]; originalSha256: string } } }>(`select actor, after from audit_entry where action = 'replay.start'`);
  assert.deepEqual(audit.map((one) => [one.actor, one.after.edited.changed, one.after.edited.originalSha256]), [['ana', ['value', 'headers'], wire.value.sha256]]);

  await assert.rejects(ask(store, id, { value: { text: '{}' } }), code('replay-conflict'), 'the generation that was seen is not the one of now');
  assert.equal(await forgetEdits(store, new Date(Date.now() + 1_000), 10), 1);
  assert.equal((await getReplayEdit(store, asked.id, none)).edited, null, 'what changed stays, the bytes expire with those of the dead letter');
});

test('killed before or after the commit, edited bytes go out once and never the original ones', async (t) => {
  const store = await testStore(t);
  const planted = await plantOne(store, { value: Buffer.from('{"a":1}') }, 2);
  for (const [index, die] of ['claimed', 'committed'].entries()) {
    await ask(store, planted.ids[index]!, { value: { text: `{"a":2${index}}` } });
    assert.equal(await killAt(store, planted, { holder: `killed-${die}`, die }), true, die);
    assert.equal(await work(store, planted.clusterId, { holder: `next-${die}` }), 'finished', die);
  }
  const seen = await readCommitted(testBrokers().join(','), planted.target);
  assert.deepEqual(seen.map((record) => String(record.value)).sort(), ['{"a":20}', '{"a":21}']);
});

test('an edited key goes to the partition of the new key, and a tombstone is a null value', async (t) => {
  const store = await testStore(t);
  const planted = await plantOne(store, { value: Buffer.from('plain text'), key: Buffer.from('a') });
  await ask(store, planted.ids[0]!, { key: { text: 'order-1' }, value: null });
  assert.equal(await work(store, planted.clusterId, { holder: 'w' }), 'finished');
  const [record] = await readCommitted(testBrokers().join(','), planted.target);
  assert.deepEqual([record?.key, record?.value], [Buffer.from('order-1'), null]);
  assert.equal((await getReplay(store, (await getDeadLetter(store, planted.ids[0]!, none)).replays[0]!.id)).partitioning, 'key');
});

test('an edit waits for a second person like any replay, also where the original has expired meanwhile', async (t) => {
  const store = await testStore(t);
  const planted = await plantOne(store, { value: Buffer.from('{"a":1}') });
  const asked = (await ask(store, planted.ids[0]!, { value: { text: '{"a":2}' } }, { policy: { kind: 'always' } })) as WireReplayDetail;
  assert.equal(asked.state, 'awaiting-approval');
  assert.equal((await getReplayEdit(store, asked.id, none)).edited?.valueBase64, Buffer.from('{"a":2}').toString('base64'), 'whoever approves sees what would be sent');
  await store.execute('update dead_letter set body_day = null');
  assert.equal(await forgetEdits(store, new Date(Date.now() + 1_000), 10), 0, 'what may still be sent keeps its bytes');
  await approveReplay(store, { id: asked.id, principal: { name: 'ben' } });
  assert.equal(await work(store, planted.clusterId, { holder: 'w' }), 'finished');
  assert.deepEqual((await readCommitted(testBrokers().join(','), planted.target)).map((record) => String(record.value)), ['{"a":2}']);
});

test('what cannot be edited says so and nothing is stored', async (t) => {
  const store = await testStore(t);
  const planted = await plant(store, {
    count: 6,
    letter: (index) => [{ value: Buffer.from('{"a": 1}') }, { value: Buffer.from([0xff, 1, 2]) }, { value: Buffer.alloc(1_048_577, 'x') }, { value: Buffer.from('{"card":"4111"}') }, { value: Buffer.from('a') }, { value: null }][index] ?? {},
  });
  await store.execute(`update dead_letter set body_day = null where "offset" = 12`);
  const id = (index: number) => planted.ids[index]!;
  const write = (text: string, more: object = {}) => ({ value: { text }, ...more });
  await assert.rejects(ask(store, id(0), write('{"a": 1,}')), code('value-not-json', /line 1, column 9: expected a name in double quotes/));
  await assert.rejects(ask(store, id(0), write('{"a": 1}')), code('nothing-changed'));
  await assert.rejects(ask(store, id(0), {}), code('nothing-changed'));
  await assert.rejects(ask(store, id(0), { headers: [{ original: 7 }] }), code('invalid-request'));
  for (const name of ['replay-id', 'traceparent', 'replay-edited-by', 'mm2-source']) await assert.rejects(ask(store, id(0), { headers: [{ name, value: 'x' }] }), code('header-reserved'), name);
  await assert.rejects(ask(store, id(1), write('x')), code('not-editable', /not UTF-8/));
  await assert.rejects(ask(store, id(2), write('x')), code('not-editable', /1048577 bytes; up to 1048576/));
  await assert.rejects(ask(store, id(3), write('{"card":"x"}'), { masking: compileMasking([{ values: ['$.card'] }]) }), code('not-editable', /masked record cannot be edited/));
  await assert.rejects(ask(store, id(4), write('x')), code('not-editable', /expired/));
  assert.equal(editAndReplaySchema.safeParse({ generation: 0, reason: 'too large', value: { text: 'ä'.repeat(600_000) } }).success, false, 'bytes are counted, not characters');
  assert.equal(editAndReplaySchema.safeParse({ generation: 0, reason: ' ', value: { text: 'x' } }).success, false, 'a reason is needed');
  assert.deepEqual(await store.query('select 1 from replay union all select 1 from replay_edit'), []);
  assert.equal(((await ask(store, id(0), write('not json on purpose', { format: 'text' }))) as WireReplayDetail).state, 'running');
  assert.equal(((await ask(store, id(5), write('from a tombstone'))) as WireReplayDetail).edited?.join(), 'value');
});

describe('with a schema registry', () => {
  const hooks: (() => unknown)[] = [];
  const stop = new AbortController();
  let store: Store;
  let planted: Planted;
  let running: Promise<void>;
  let brokers: ReturnType<typeof openBrokerRegistry>;
  let registry: RegistryServer;

  before(async () => {
    store = await testStore({ after: (hook) => void hooks.push(hook as () => unknown) });
    planted = await plant(store, { count: 5, letter: (index) => ({ value: [framed(7, '{"id":9007199254740993,"total":"12.50"}'), framed(8, '\u0002'), framed(9, '\u0000\u0008\u0001'), framed(99, '{}'), framed(10, '\u0002\u000a')][index]! }) });
    registry = await startRegistryServer({
      '/schemas/ids/7': { schemaType: 'JSON', schema: '{"type":"object","required":["id"],"additionalProperties":false,"properties":{"id":{"type":"integer"},"total":{"type":"number"}}}' },
      '/schemas/ids/8': { schema: '{"type":"record","name":"Order","fields":[{"name":"id","type":"long"}]}' },
      '/schemas/ids/10': { schema: '["int","long"]' },
      '/schemas/ids/9': { schemaType: 'PROTOBUF', schema: 'syntax = "proto3"; message Order { int64 id = 1; }' },
    });
    const cluster = { name: 'test', brokers: testBrokers(), schemaRegistry: { url: registry.url } };
    brokers = openBrokerRegistry([cluster], { clientId: 'edit-test' });
    running = runRequestsCollector({ store, brokers, config: { ...loadConfig({ NODE_ENV: 'test' }, '/nowhere'), clusters: [cluster] }, clock: systemClock, log: pino({ level: 'silent' }), holder: 'test:1', signal: stop.signal });
  });
  after(async () => {
    stop.abort();
    await running;
    await brokers.close();
    await registry.close();
    for (const hook of hooks) await hook();
  });

  test('a value with a JSON schema is checked against it and keeps its schema id', async () => {
    const id = planted.ids[0]!;
    const { wire } = await readEditable(store, id, context);
    assert.deepEqual([wire.value.text, wire.value.schemaId, wire.value.format], ['{"id":9007199254740993,"total":"12.50"}', 7, 'json']);
    await assert.rejects(ask(store, id, { value: { text: '{"id":9007199254740993,"total":true,"x":1}' } }), code('schema-mismatch', /does not fit schema 7: the value has "x", which the schema does not know, and 1 more/));
    await assert.rejects(ask(store, id, { value: { text: '{"id":9007199254740993' }, format: 'text' }), code('value-not-json'), 'a JSON schema wants JSON, whatever is asked for');
    const run = (await ask(store, id, { value: { text: '{"id":9007199254740993,"total":12.50}' }, dryRun: true })) as WireDryRun;
    assert.deepEqual([run.sendable, run.destinations.map((one) => one.topic)], [1, [planted.target]]);
    assert.ok(run.headersAdded.includes('replay-edited-by'), run.headersAdded.join());
    assert.deepEqual(await store.query('select 1 from replay'), [], 'a dry run stores nothing');
    await ask(store, id, { value: { text: '{"id":9007199254740993,"total":12.50}' } });
    assert.equal(await work(store, planted.clusterId, { holder: 'w' }), 'finished');
    assert.deepEqual((await readCommitted(testBrokers().join(','), planted.target)).map((record) => record.value), [framed(7, '{"id":9007199254740993,"total":12.50}')]);
  });

  test('an Avro value is edited as JSON and goes out written with the schema it came with', async () => {
    const id = planted.ids[1]!;
    const { wire } = await readEditable(store, id, context);
    assert.deepEqual([wire.value.text, wire.value.schemaId, wire.value.format, wire.value.encoding, wire.value.refusal], ['{\n  "id": 1\n}', 8, 'json', 'avro', null]);
    await assert.rejects(ask(store, id, { value: { text: '{"id": 1}' } }), code('nothing-changed'), 'other spaces are the same value');
    await assert.rejects(ask(store, id, { value: { text: '{"id": "x"}' } }), code('schema-mismatch', /does not fit schema 8: \/id must be a whole number of 64 bits, and is a string/));
    await assert.rejects(ask(store, id, { value: { text: '{"id": 1, "more": 2}' } }), code('schema-mismatch', /\/more is no field of the schema/));
    await assert.rejects(ask(store, id, { value: { text: '{"id": ' } }), code('value-not-json'));
    const asked = (await ask(store, id, { value: { text: '{"id": -65}' } })) as WireReplayDetail;
    assert.equal(await work(store, planted.clusterId, { holder: 'avro' }), 'finished');
    const [sent] = (await readCommitted(testBrokers().join(','), planted.target)).filter((record) => String(record.headers.find(([name]) => name === 'replay-id')?.[1]).startsWith(asked.id));
    assert.deepEqual(sent?.value, Buffer.from([0, 0, 0, 0, 8, 0x81, 0x01]));
  });

  test('Protobuf, an Avro value that would not be written as it was, and a schema that cannot be had are refused with a sentence; their key and headers are not', async () => {
    const refusal = async (index: number) => (await readEditable(store, planted.ids[index]!, context)).wire.value.refusal;
    assert.match((await refusal(4))!, /is Avro \(schema 10\) and cannot be edited here: written from its JSON it would have other bytes/);
    assert.match((await refusal(2))!, /is Protobuf \(schema 9\)/);
    assert.match((await refusal(3))!, /schema 99, which could not be had: the schema registry has no schema 99/);
    await assert.rejects(ask(store, planted.ids[4]!, { value: { text: '5' } }), code('not-editable'));
    const run = (await ask(store, planted.ids[2]!, { key: { text: 'k2' }, dryRun: true })) as WireDryRun;
    assert.match(run.warnings.join(' '), /The key was edited: the record goes to the partition of its new key/);
  });
});
