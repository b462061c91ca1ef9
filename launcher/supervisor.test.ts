import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { lockDataFolder, type DataFolder } from './lock-data-folder.ts';
import { processIdentity } from './process-identity.ts';
import type { Progress } from './progress.ts';
import { Supervisor, type ChildSpec } from './supervisor.ts';

interface Ground {
  folder: DataFolder;
  said: string[];
  supervisor: Supervisor;
}

function ground(t: TestContext): Ground {
  const path = mkdtempSync(join(tmpdir(), 'waybill-supervisor-'));
  const folder = lockDataFolder(join(path, 'data'));
  const said: string[] = [];
  const progress: Progress = { step: (_, work) => work(), say: (text) => void said.push(text) };
  const supervisor = new Supervisor(folder, progress);
  t.after(async () => {
    await supervisor.stopAll();
    rmSync(path, { recursive: true, force: true });
  });
  return { folder, said, supervisor };
}

/** A child that writes `file` when it serves and, told to end, appends its name to `ended`. */
function child(folder: DataFolder, name: string, source: string, stopMs = 5_000): ChildSpec {
  const file = join(folder.dataDir, `${name}.serves`);
  return {
    name,
    command: process.execPath,
    args: ['-e', `const fs = require('node:fs'); ${source.replaceAll('SERVE', `fs.writeFileSync(${JSON.stringify(file)}, '')`)}`],
    env: process.env,
    channel: false,
    ready: async (signal) => {
      while (!existsSync(file)) {
        signal.throwIfAborted();
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    readyMs: 10_000,
    stopSignal: 'SIGTERM',
    lastSignal: 'SIGKILL',
    stopMs,
  };
}

const STAY = 'SERVE; setInterval(() => {}, 1000);';

test('what dies before it ever served fails the start with the end of its log', async (t) => {
  const { folder, supervisor } = ground(t);
  await assert.rejects(supervisor.start(child(folder, 'broken', `console.error('no such luck'); process.exit(3);`)), { code: 'child-failed', message: /broken ended before it served\. Its log is .*broken\.log and ends:\n {4}no such luck/s });
});

test('what never serves is given up on, and ended', async (t) => {
  const { folder, supervisor } = ground(t);
  await assert.rejects(supervisor.start({ ...child(folder, 'silent', 'setInterval(() => {}, 1000);'), readyMs: 300 }), { message: /silent did not serve within/ });
  assert.ok(!existsSync(join(folder.runDir, 'silent.json')));
});

test('a program that is not there is a failed start, not a crash', async (t) => {
  const { folder, supervisor } = ground(t);
  await assert.rejects(supervisor.start({ ...child(folder, 'absent', STAY), command: join(folder.dataDir, 'absent') }), { code: 'child-failed', message: /ENOENT/ });
});

test('all end in reverse order, and one that will not is killed', async (t) => {
  const { folder, supervisor } = ground(t);
  const order = join(folder.dataDir, 'order');
  const obey = (name: string) => `process.on('SIGTERM', () => { fs.appendFileSync(${JSON.stringify(order)}, '${name} '); process.exit(0); }); ${STAY}`;
  await supervisor.start(child(folder, 'first', obey('first')));
  await supervisor.start(child(folder, 'deaf', `process.on('SIGTERM', () => fs.appendFileSync(${JSON.stringify(order)}, 'deaf ')); ${STAY}`, 300));
  await supervisor.start(child(folder, 'last', obey('last')));
  const begun = performance.now();
  await supervisor.stopAll();
  assert.ok(performance.now() - begun < 9_000);
  assert.equal(await import('node:fs').then((fs) => fs.readFileSync(order, 'utf8')), 'last deaf first ');
  for (const name of ['first', 'deaf', 'last']) assert.ok(!existsSync(join(folder.runDir, `${name}.json`)), name);
  await assert.rejects(supervisor.start(child(folder, 'late', STAY)), { code: 'stopping' });
});

test('what an earlier launcher left is stopped; a stranger with the same id is not', async (t) => {
  const { folder, supervisor } = ground(t);
  const left = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  t.after(() => stranger.kill('SIGKILL'));
  const record = (name: string, pid: number, identity: string | null) => writeFileSync(join(folder.runDir, `${name}.json`), JSON.stringify({ name, pid, identity, stopSignal: 'SIGTERM', lastSignal: 'SIGKILL' }));
  record('kafka', left.pid!, processIdentity(left.pid!));
  record('web', stranger.pid!, 'an earlier boot:1');
  writeFileSync(join(folder.runDir, 'cut.json'), '{"name":');
  assert.deepEqual(await supervisor.stopLeftovers(), ['kafka']);
  assert.equal(processIdentity(left.pid!), null);
  assert.notEqual(processIdentity(stranger.pid!), null);
});
