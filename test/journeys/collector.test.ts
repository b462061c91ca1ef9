import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { pino } from 'pino';
import { loadConfig } from '#lib/config.ts';
import { findJourneys } from '#lib/operations/find-journeys.ts';
import { holdLease } from '#lib/store/leases/hold-lease.ts';
import { testStore } from '#test/harness/database.ts';
import { eventually } from '#test/harness/eventually.ts';
import { corpusNow, post } from '#test/otlp/receiver.ts';
import type { CollectorContext } from '../../collectors/context.ts';
import { runJourneysCollector } from '../../collectors/journeys.ts';
import { runTracesCollector } from '../../collectors/traces.ts';
import { bodiesOf, expectedOf } from './corpus.ts';

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

test('spans that are sent become journeys by themselves, and both collectors end when they are told to', async (t) => {
  const store = await testStore(t);
  const stop = new AbortController();
  const context: CollectorContext = {
    store, config: { ...loadConfig({ NODE_ENV: 'test' }, '/nowhere'), otlpPort: await freePort(), otlpHost: '127.0.0.1' }, clock: { now: () => corpusNow }, log: pino({ level: 'silent' }),
    brokers: undefined as never, // neither asks a broker
    holder: 'test:1', signal: stop.signal,
  };
  const running = Promise.all([runTracesCollector(context), runJourneysCollector(context)]);
  t.after(() => stop.abort());
  const url = `http://127.0.0.1:${context.config.otlpPort}/v1/traces`;
  const [first, ...others] = bodiesOf('node-kafkajs-proto');
  await eventually(async () => assert.equal((await post(url, first!.body, { 'content-type': first!.contentType })).status, 200));
  for (const body of others) assert.equal((await post(url, body.body, { 'content-type': body.contentType })).status, 200);
  const events = expectedOf('node-kafkajs-proto');
  await eventually(async () => {
    for (const event of events) {
      const { items } = await findJourneys(store, { text: event.correlationId });
      assert.equal(items.length, 1);
      assert.equal(items[0]!.hopCount, event.outcome === 'completed' ? 5 : 4);
    }
  }, { timeoutMs: 30_000 });
  assert.equal((await store.query('select 1 from journey_pending')).length, 0);
  await eventually(async () => assert.equal((await store.prisma.collectorStatus.findMany({ where: { lastOkAt: { not: null } } })).length, 2));
  const { figures } = await store.prisma.collectorStatus.findUniqueOrThrow({ where: { name: 'traces' } });
  assert.equal(typeof (figures as { accepted: unknown }).accepted, 'number');

  stop.abort();
  await running;
  await assert.rejects(post(url, first!.body, { 'content-type': first!.contentType }), /ECONNREFUSED/);
  assert.equal(await holdLease(store, 'journeys', 'test:2', 1_000), true, 'the lease was given back');
});
