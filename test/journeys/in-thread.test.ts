import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { testStore } from '#test/harness/database.ts';
import { eventually } from '#test/harness/eventually.ts';
import { storeSpans } from '#test/harness/store-spans.ts';
import { runInThread } from '../../collectors/in-thread.ts';

test('journeys are resolved in a thread of their own, which gives its lease back and ends when it is told to', async (t) => {
  const store = await testStore(t);
  const stop = new AbortController();
  t.after(() => stop.abort());
  const now = new Date();
  const startNs = BigInt(now.getTime()) * 1_000_000n;
  const [traceId, sent] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
  const base = {
    day: now.toISOString().slice(0, 10), resourceId: 1n, traceId, clusterId: null, durationNs: 5n, statusCode: 0, statusMessage: null, topic: 'orders', partition: 0, messageKey: null, group: null, journeyKey: 'o-1', journeyKeyBy: 'correlation_id',
    eventId: null, causationId: null, batch: false, links: null, attributes: '{"a":[]}', tells: true,
  };
  await storeSpans(store, [
    { ...base, spanId: sent, parentSpanId: null, service: 'shop', name: 'send orders', kind: 4, operation: 'send', offset: null, startNs },
    { ...base, spanId: randomBytes(8).toString('hex'), parentSpanId: sent, service: 'billing', name: 'process orders', kind: 5, operation: 'process', offset: 7n, startNs: startNs + 1_000_000n },
  ], now);
  let ended = false;
  const running = runInThread('journeys', { store, holder: 'test:1', signal: stop.signal }).then(() => (ended = true));
  await eventually(async () => assert.deepEqual(await store.query('select key, hop_count as hops from journey'), [{ key: 'o-1', hops: 2 }]), { timeoutMs: 30_000 });
  assert.equal(ended, false);
  assert.equal((await store.prisma.lease.findUniqueOrThrow({ where: { name: 'journeys' } })).holder, 'test:1');
  stop.abort();
  await running;
  const lease = await store.prisma.lease.findUnique({ where: { name: 'journeys' } });
  assert.ok(lease === null || lease.expiresAt.getTime() <= Date.now());
});

test('a thread that cannot run says so', async () => {
  await assert.rejects(runInThread('nothing' as 'journeys', { store: { databaseUrl: 'postgres://nobody@127.0.0.1:1/none' } as never, holder: 'test:1', signal: new AbortController().signal }));
});
