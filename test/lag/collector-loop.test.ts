import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { spawn } from 'node:child_process';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import type { CollectorContext } from '../../collectors/context.ts';
import { keepLease } from '../../collectors/keep-lease.ts';
import { runEvery } from '../../collectors/loop.ts';
import { systemClock } from '#lib/clock.ts';
import { openStore, type Store } from '#lib/store/store.ts';
import { testDatabase, testStore } from '#test/harness/database.ts';
import { eventually } from '#test/harness/eventually.ts';
import { testBrokers } from '#test/harness/kafka.ts';

function contextOf(store: Store, holder: string, signal: AbortSignal): CollectorContext {
  return { store, holder, signal, clock: systemClock, log: pino({ level: 'silent' }), config: {} as CollectorContext['config'], brokers: {} as CollectorContext['brokers'] };
}

/** A collector process of its own, as the launcher starts it. */
function startCollector(t: TestContext, databaseUrl: string) {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'collectors/main.ts', '--only', 'offsets'], {
    env: { ...process.env, DATABASE_URL: databaseUrl, KAFKA_BROKERS: testBrokers().join(','), WAYBILL_OFFSETS_INTERVAL_SECONDS: '1', LOG_LEVEL: 'error' },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  t.after(() => void child.kill('SIGKILL'));
  return child;
}

describe('the loop of a collector', () => {
  it('never lets two cycles overlap, however long one takes', async (t) => {
    const store = await testStore(t);
    const stop = new AbortController();
    let running = 0;
    let most = 0;
    let cycles = 0;
    await runEvery({ name: 'slow', everyMs: 10, context: contextOf(store, 'one', stop.signal) }, async () => {
      running += 1;
      most = Math.max(most, running);
      await delay(40);
      running -= 1;
      cycles += 1;
      if (cycles === 6) stop.abort();
    });
    assert.deepEqual([most, cycles], [1, 6]);
  });

  it('works in one process at a time, goes on while a cycle lasts longer than the lease is renewed, and is handed over when it ends', async (t) => {
    const store = await testStore(t);
    const first = new AbortController();
    const second = new AbortController();
    const log: string[] = [];
    const work = (who: string) => async (held: AbortSignal) => {
      log.push(`${who} begins`);
      await once(held, 'abort');
      log.push(`${who} ends`);
    };
    const one = keepLease(contextOf(store, 'one', first.signal), 'shared', work('one'));
    await eventually(() => assert.deepEqual(log, ['one begins']));
    const two = keepLease(contextOf(store, 'two', second.signal), 'shared', work('two'));
    const expiry = async () => (await store.query<{ expires_at: Date }>(`select expires_at from lease where name = 'shared'`))[0]?.expires_at.getTime() ?? 0;
    const before = await expiry();
    await eventually(async () => assert.ok((await expiry()) > before));
    assert.deepEqual(log, ['one begins']);
    first.abort();
    await one;
    await eventually(() => assert.deepEqual(log, ['one begins', 'one ends', 'two begins']));
    second.abort();
    await two;
    assert.equal((await store.query('select 1 from lease')).length, 0);
  });

  it('is taken over by a second process when the first is killed', async (t) => {
    const databaseUrl = await testDatabase(t);
    const store = openStore(databaseUrl, { poolSize: 2 });
    t.after(() => store.close());
    const [first, second] = [startCollector(t, databaseUrl), startCollector(t, databaseUrl)];
    const reading = async () => {
      const [row] = await store.query<{ holder: string; at: Date }>(`select l.holder, c.last_cycle_at as at from lease l, cluster c where l.name like 'offsets:%' and c.last_cycle_at is not null`);
      assert.ok(row);
      return row;
    };
    const begun = await eventually(reading, { timeoutMs: 60_000 });
    // Who stands by writes nothing: the row of the loop goes on naming the one that holds the lease.
    await eventually(async () => assert.ok((await reading()).at.getTime() > begun.at.getTime() + 2_000), { timeoutMs: 60_000 });
    assert.deepEqual((await store.query<{ holder: string }>(`select holder from collector_status where name like 'offsets:%'`)).map((row) => row.holder), [begun.holder]);

    const holder = begun.holder.endsWith(`:${first.pid}`) ? first : second;
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    const killed = await reading();
    const taken = await eventually(
      async () => {
        const now = await reading();
        assert.notEqual(now.holder, begun.holder);
        assert.ok(now.at > killed.at);
        return now;
      },
      { timeoutMs: 60_000 },
    );
    t.diagnostic(`from the last reading of the killed process to the first of its successor: ${((taken.at.getTime() - killed.at.getTime()) / 1_000).toFixed(1)} s`);
  });
});
