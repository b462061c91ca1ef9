import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { test } from 'node:test';
import type { Store } from '#lib/store/store.ts';
import { testStore } from '#test/harness/database.ts';
import { eventually } from '#test/harness/eventually.ts';
import { closeDatabase } from './close-database.ts';
import { corpusNow, post, testReceiver } from './receiver.ts';

const json = { 'content-type': 'application/json' };

function request(spanIds: readonly string[]): Buffer {
  const startNs = BigInt(corpusNow.getTime()) * 1_000_000n;
  return Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: spanIds.map((spanId) => ({ traceId: 'abcdef0123456789abcdef0123456789', spanId, name: 'work', kind: 1, startTimeUnixNano: String(startNs), endTimeUnixNano: String(startNs + 5n) })) }] }] }));
}

const newSpanIds = (count: number) => Array.from({ length: count }, () => randomBytes(8).toString('hex'));

/** How many of these spans are not stored. */
async function missingOf(store: Store, spanIds: readonly string[]): Promise<number> {
  const [row] = await store.query<{ missing: number }>(
    `select count(*)::int as missing from unnest($1::text[]) as given (id) where not exists (select 1 from span where trace_id = '\\xabcdef0123456789abcdef0123456789' and span_id = decode(given.id, 'hex'))`, [spanIds]);
  return row!.missing;
}

test('a receiver that is killed with -9 under load has every span stored that it said yes to', async (t) => {
  const store = await testStore(t);
  const child = fork(new URL('./receiver-child.ts', import.meta.url), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: ['--disable-warning=ExperimentalWarning'] });
  t.after(() => void child.kill('SIGKILL'));
  child.send({ databaseUrl: store.databaseUrl, nowMs: corpusNow.getTime() });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  const acknowledged: string[] = [];
  let unanswered = 0;
  let killed = false;
  const sender = async () => {
    while (!killed || unanswered === 0) {
      const ids = newSpanIds(50);
      const answer = await post(`http://127.0.0.1:${port}/v1/traces`, request(ids), json).catch(() => null);
      if (answer?.status === 200) acknowledged.push(...ids);
      else unanswered++;
      if (answer === null) return;
    }
  };
  const senders = Promise.all(Array.from({ length: 6 }, sender));
  await eventually(() => assert.ok(acknowledged.length >= 2_000), { timeoutMs: 30_000 });
  child.kill('SIGKILL');
  killed = true;
  await senders;
  assert.ok(unanswered > 0, 'requests were under way when it was killed');
  assert.equal(await missingOf(store, acknowledged), 0);
  // What was stored but not answered is sent again by its sender, and is there once.
  const receiver = await testReceiver(t, store);
  assert.equal((await post(`${receiver.url}/v1/traces`, request(acknowledged.slice(0, 200)), json)).status, 200);
  assert.equal(receiver.queue.counts.duplicate, 200);
});

test('while the store is down senders are told 503 and when to try again; once it is back the same bodies are taken, none lost and none twice', async (t) => {
  const store = await testStore(t);
  const { url, queue } = await testReceiver(t, store);
  const bodies = Array.from({ length: 20 }, () => newSpanIds(25));
  const send = (ids: readonly string[]) => post(`${url}/v1/traces`, request(ids), json);
  assert.equal((await send(bodies[0]!)).status, 200);
  const open = await closeDatabase(store.databaseUrl);
  const refused = await Promise.all(bodies.map(send));
  for (const answer of refused) {
    assert.equal(answer.status, 503);
    assert.match(answer.headers['retry-after'] ?? '', /^[1-9]\d*$/);
  }
  await open();
  // As an exporter does.
  await Promise.all(bodies.map((ids) => eventually(async () => assert.equal((await send(ids)).status, 200), { timeoutMs: 30_000 })));
  assert.equal(await missingOf(store, bodies.flat()), 0);
  const { accepted, stored, duplicate, rejected } = queue.counts;
  assert.deepEqual([stored, rejected, accepted], [500, 0, stored + duplicate]);
});
