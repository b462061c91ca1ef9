import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { eventually } from '#test/harness/eventually.ts';
import { testBrokers } from '#test/harness/kafka.ts';
import { isAlive, launch, launchUnderShell, processesNaming, runningProcesses, temporaryFolder } from './run-launcher.ts';

// The launcher with a PostgreSQL of its own and one collector: the same supervision as the whole product, without a built web.
test('a start, a crash, a kill and an end', async (t) => {
  const dataDir = join(temporaryFolder(t), 'data');
  const env = { KAFKA_BROKERS: testBrokers().join(','), WAYBILL_DATA_DIR: dataDir };
  const collect = ['collect', '--only', 'retention'];

  const first = launch(t, collect, env);
  await first.said('Waybill runs');
  const started = runningProcesses(dataDir);
  assert.deepEqual(Object.keys(started).sort(), ['collectors', 'postgres']);

  await t.test('secrets are for the owner alone', () => {
    for (const file of readdirSync(join(dataDir, 'secrets'))) assert.equal(statSync(join(dataDir, 'secrets', file)).mode & 0o077, 0, file);
    assert.equal(statSync(join(dataDir, 'secrets')).mode & 0o077, 0);
    assert.equal(statSync(join(dataDir, 'postgres-socket')).mode & 0o077, 0);
  });

  await t.test('a collector process that dies is started again', async () => {
    process.kill(started['collectors']!, 'SIGKILL');
    await first.said('collectors ended (SIGKILL); it is started again');
    await first.said('collectors serves again');
    assert.notEqual(runningProcesses(dataDir)['collectors'], started['collectors']);
  });

  await t.test('a second one beside it uses its database and leaves it running', async () => {
    const beside = launch(t, collect, env);
    await beside.said('Waybill runs');
    beside.child.kill('SIGTERM');
    assert.equal(await beside.exited, 0, beside.output());
    assert.ok(isAlive(started['postgres']!));
  });

  await t.test('PostgreSQL that dies is started again', async () => {
    process.kill(started['postgres']!, 'SIGKILL');
    await first.said('postgres serves again');
  });

  const left = runningProcesses(dataDir);
  await t.test('after SIGKILL of the launcher the next start stops what it left', async () => {
    first.child.kill('SIGKILL');
    await first.exited;
    // Collectors notice by themselves; PostgreSQL does not.
    await eventually(() => assert.ok(!isAlive(left['collectors']!)));
    assert.ok(isAlive(left['postgres']!));
    const next = launch(t, collect, env);
    await next.said('an earlier start was killed and left behind: postgres; stopped now');
    await next.said('Waybill runs');
    assert.ok(!isAlive(left['postgres']!));
    const now = runningProcesses(dataDir);
    const asked = performance.now();
    next.child.kill('SIGTERM');
    assert.equal(await next.exited, 0, next.output());
    assert.ok(performance.now() - asked < 10_000);
    for (const [name, pid] of Object.entries(now)) assert.ok(!isAlive(pid), `${name} outlived the launcher`);
    assert.deepEqual(readdirSync(join(dataDir, 'run')), []);
    assert.deepEqual(processesNaming(dataDir), []);
  });
});

test('the end of npm, by SIGTERM or SIGKILL, is the end of what it started', async (t) => {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const dataDir = join(temporaryFolder(t), 'data');
    // npm runs a script through a shell and passes signals on to the shell alone: this stands in for npm, as a parent of a shell.
    const npm = launchUnderShell(t, ['collect', '--only', 'retention'], { KAFKA_BROKERS: testBrokers().join(','), WAYBILL_DATA_DIR: dataDir });
    await npm.said('Waybill runs');
    const started = Object.values(runningProcesses(dataDir));
    npm.child.kill(signal);
    await eventually(() => assert.deepEqual(started.filter(isAlive), []), { timeoutMs: 12_000 });
    await eventually(() => assert.deepEqual(processesNaming(dataDir), []));
  }
});
