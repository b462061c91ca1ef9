import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { pino } from 'pino';
import { runRequestsCollector } from '../../collectors/requests.ts';
import { openBrokerRegistry } from '#lib/brokers/registry.ts';
import { systemClock } from '#lib/clock.ts';
import { loadConfig } from '#lib/config.ts';
import { askBroker, followBroker } from '#lib/operations/ask-broker.ts';
import { requestKind, requestKinds } from '#lib/operations/broker/request-kinds.ts';
import type { BrowseEnd, MessageWire } from '#lib/operations/message-shape.ts';
import type { WireRecord } from '#lib/operations/record-wire.ts';
import { sweepRequests } from '#lib/store/requests/sweep-requests.ts';
import type { Store } from '#lib/store/store.ts';
import { testStore } from '#test/harness/database.ts';
import { eventually } from '#test/harness/eventually.ts';
import { createTopic, testBrokers, uniqueName } from '#test/harness/kafka.ts';
import { z } from 'zod';
import { writeRecords } from './write-dead-letters.ts';

describe('what people ask of a broker', () => {
  const hooks: (() => unknown)[] = [];
  const stop = new AbortController();
  let store: Store;
  let clusterId: number;
  let running: Promise<void>;
  let brokers: ReturnType<typeof openBrokerRegistry>;
  let aborted = 0;

  before(async () => {
    store = await testStore({ after: (hook) => void hooks.push(hook as () => unknown) });
    const cluster = await store.prisma.cluster.create({ data: { name: 'test', kafkaClusterId: uniqueName('id') } });
    clusterId = cluster.id;
    brokers = openBrokerRegistry([{ name: 'test', brokers: testBrokers() }], { clientId: 'requests-test' });
    requestKinds['test-slow'] = requestKind({
      params: z.object({}),
      async run(_params, { signal, emit }) {
        await emit({ first: true });
        await new Promise((_, reject) => signal.addEventListener('abort', () => { aborted++; reject(signal.reason as Error); }, { once: true }));
      },
    });
    running = runRequestsCollector({ store, brokers, config: loadConfig({ NODE_ENV: 'test' }), clock: systemClock, log: pino({ level: 'silent' }), holder: 'test:1', signal: stop.signal });
  });
  after(async () => {
    stop.abort();
    await running;
    await brokers.close();
    for (const hook of hooks) await hook();
  });

  it('browses a topic and reads one message through the store, byte for byte', async () => {
    const topic = await createTopic(uniqueName('ask'));
    await writeRecords(topic, Array.from({ length: 60 }, (_, index) => ({ key: null, value: Buffer.from(`v${index}`), headers: [[Buffer.from([0xff]), null], [Buffer.from('a'), Buffer.alloc(0)]] })));
    const parts = (await askBroker(store, { clusterId, kind: 'browse', params: { topic, order: 'newest', from: { kind: 'edge' }, limit: 55 }, principal: 'ana' })) as { messages?: MessageWire[]; end?: BrowseEnd }[];
    const records = parts.flatMap((part) => part.messages ?? []);
    assert.equal(records.length, 55);
    assert.deepEqual([parts.at(-1)?.end?.stopped, parts.at(-1)?.end?.scanned, parts.at(-1)?.end?.positions, parts.at(-1)?.end?.failures], ['limit', 55, [[0, '5']], []]);
    const [part] = (await askBroker(store, { clusterId, kind: 'read-message', params: { topic, partition: 0, offset: '7' }, principal: 'ana' })) as { record: WireRecord }[];
    assert.equal(Buffer.from(part!.record.valueBase64!, 'base64').toString(), 'v7');
    assert.deepEqual(part?.record.headers[1], ['a', '']);
    assert.deepEqual([part?.record.headerNamesBase64?.[0], part?.record.headers[0]?.[1]], [Buffer.from([0xff]).toString('base64'), null]);
  });

  it('answers by notification, without a poll', async () => {
    const topic = await createTopic(uniqueName('fast'));
    await writeRecords(topic, [{ key: null, value: null, headers: [] }]);
    for (let round = 0; round < 5; round++) {
      const [part] = await askBroker(store, { clusterId, kind: 'read-message', params: { topic, partition: 0, offset: '0' }, principal: 'ana', pollMs: 60_000 });
      assert.ok(part);
    }
  });

  it('says why there is no answer: unknown topic, bad parameters, unknown kind', async () => {
    const ask = (kind: string, params: Record<string, unknown>) => askBroker(store, { clusterId, kind, params, principal: 'ana' });
    await assert.rejects(ask('read-message', { topic: uniqueName('none'), partition: 0, offset: '0' }), { code: 'unknown-topic-or-partition', status: 404 });
    await assert.rejects(ask('read-message', { topic: 'x', partition: 0, offset: 'seven' }), { code: 'invalid-request', status: 400 });
    await assert.rejects(ask('__proto__', {}), { code: 'unknown-request' });
  });

  it('cancels at the broker when the asker leaves, and at the deadline', async () => {
    for await (const part of followBroker(store, { clusterId, kind: 'test-slow', params: {}, principal: 'ana' })) {
      assert.deepEqual(part, { first: true });
      break;
    }
    await eventually(() => assert.equal(aborted, 1));
    assert.deepEqual(await store.query('select state from broker_request where kind = $1', ['test-slow']), [{ state: 'cancelled' }]);
    await assert.rejects(askBroker(store, { clusterId, kind: 'test-slow', params: {}, principal: 'ana', timeoutMs: 300 }), { code: 'broker-request-timeout', status: 504 });
    await eventually(() => assert.equal(aborted, 2));
  });

  it('keeps no answer longer than ten minutes, and ends what nobody took', async () => {
    const other = await store.prisma.cluster.create({ data: { name: 'nobody', kafkaClusterId: uniqueName('id') } });
    await assert.rejects(askBroker(store, { clusterId: other.id, kind: 'browse', params: {}, principal: 'ana', timeoutMs: 100 }), { code: 'broker-request-timeout', message: /No collector/u });
    await store.execute(`update broker_request set created_at = now() - interval '11 minutes'`);
    await sweepRequests(store);
    assert.deepEqual(await store.query('select id from broker_request'), []);
    assert.deepEqual(await store.query('select request_id from broker_request_chunk'), []);
  });
});
