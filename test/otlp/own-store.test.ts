import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Store } from '#lib/store/store.ts';
import { eventually } from '#test/harness/eventually.ts';
import { ownStore, postmasterOf } from '#test/harness/own-store.ts';
import { corpusNow, post, testReceiver } from './receiver.ts';

// Faults of the store itself: these tests kill it and fill its disk, so that each starts one of its own, kept alive as the launcher does.

const json = { 'content-type': 'application/json' };

function request(spanIds: readonly string[]): Buffer {
  const startNs = BigInt(corpusNow.getTime()) * 1_000_000n;
  return Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: spanIds.map((spanId) => ({
    traceId: 'abcdef0123456789abcdef0123456789', spanId, name: 'work', kind: 1, startTimeUnixNano: String(startNs), endTimeUnixNano: String(startNs + 5n), attributes: [{ key: 'pad', value: { stringValue: randomBytes(300).toString('hex') } }],
  })) }] }] }));
}

/** Sends bodies one after the other until told to stop, each until it is taken, as an exporter does. */
function sendOn(url: string): { taken: string[]; refusals: Map<number, string>; stop: () => Promise<void> } {
  const taken: string[] = [];
  const refusals = new Map<number, string>();
  let stopped = false;
  const sender = async () => {
    while (!stopped) {
      const ids = Array.from({ length: 100 }, () => randomBytes(8).toString('hex'));
      const body = request(ids);
      for (;;) {
        const answer = await post(`${url}/v1/traces`, body, json);
        if (answer.status === 200) {
          taken.push(...ids);
          break;
        }
        refusals.set(answer.status, answer.body.toString());
        assert.match(answer.headers['retry-after'] ?? '', /^[1-9]\d*$/);
        if (stopped) break;
        await new Promise((resolve) => setTimeout(resolve, 200)); // what a sender waits, not the test
      }
    }
  };
  const senders = Promise.all([sender(), sender(), sender()]);
  senders.catch(() => undefined);
  return {
    taken, refusals,
    stop: async () => {
      stopped = true;
      await senders;
    },
  };
}

async function missingOf(store: Store, spanIds: readonly string[]): Promise<number> {
  const [row] = await store.query<{ missing: number }>(`select count(*)::int as missing from unnest($1::text[]) as given (id) where not exists (select 1 from span where trace_id = '\\xabcdef0123456789abcdef0123456789' and span_id = decode(given.id, 'hex'))`, [spanIds]);
  return row!.missing;
}

test('a store that is killed with -9 under load: senders wait, it is started again, and everything that was acknowledged is there', async (t) => {
  const own = await ownStore(t);
  const { store } = own!;
  const { url, queue } = await testReceiver(t, store);
  const postmaster = await postmasterOf(store);
  if (postmaster === null) return t.skip('which process is the database can only be told on Linux');
  const sending = sendOn(url);
  await eventually(() => assert.ok(sending.taken.length >= 1_000), { timeoutMs: 30_000 });
  process.kill(postmaster, 'SIGKILL');
  await eventually(() => assert.ok(sending.refusals.has(503)), { timeoutMs: 30_000 });
  const before = sending.taken.length;
  await eventually(() => assert.ok(sending.taken.length >= before + 500), { timeoutMs: 60_000 });
  await sending.stop();
  assert.equal(await missingOf(store, sending.taken), 0);
  assert.deepEqual([...sending.refusals.keys()], [503]);
  assert.equal(queue.counts.accepted, queue.counts.stored + queue.counts.duplicate + queue.counts.rejected);
});

test('a disk that is full is said to the senders and on the status; what is stored is unhurt, and with room again everything goes on', async (t) => {
  const own = await ownStore(t, { mountMb: 200 });
  if (own === null) {
    t.skip('no file system can be mounted here');
    return;
  }
  const { store, folder } = own;
  const { url, queue } = await testReceiver(t, store);
  const sending = sendOn(url);
  await eventually(() => assert.ok(sending.taken.length >= 1_000), { timeoutMs: 30_000 });
  const filler = join(folder, 'filler');
  const file = openSync(filler, 'w');
  assert.throws(() => {
    for (const block = Buffer.alloc(262_144); ; ) writeSync(file, block);
  }, { code: 'ENOSPC' });
  closeSync(file);
  await eventually(() => assert.match(sending.refusals.get(503) ?? '', /disk of the store is full/), { timeoutMs: 60_000 });
  assert.match(queue.storeFailure ?? '', /No space left on device|terminating connection|ended|refused/i);
  rmSync(filler);
  const before = sending.taken.length;
  await eventually(() => assert.ok(sending.taken.length >= before + 500), { timeoutMs: 60_000 });
  await sending.stop();
  assert.equal(await missingOf(store, sending.taken), 0);
  assert.equal(queue.storeFailure, null);
});
