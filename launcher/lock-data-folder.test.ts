import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { lockDataFolder, lockOwner } from './lock-data-folder.ts';
import { processIdentity } from './process-identity.ts';

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'waybill-lock-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return join(path, 'data');
}

test('a lock says who holds it and is gone once released', (t) => {
  const dataDir = folder(t);
  assert.equal(lockOwner(dataDir), null);
  const lock = lockDataFolder(dataDir);
  assert.deepEqual(lockOwner(dataDir), { pid: process.pid });
  lock.release();
  assert.equal(lockOwner(dataDir), null);
  assert.ok(!existsSync(lock.lockFile));
});

test('the lock of a process that is gone, or whose id another has now, is taken over', (t) => {
  const dataDir = folder(t);
  const { lockFile, release } = lockDataFolder(dataDir);
  release();
  const gone = spawnSync(process.execPath, ['--version']).pid;
  for (const owner of [{ pid: gone, identity: 'an earlier boot:1' }, { pid: process.ppid, identity: 'an earlier boot:1' }]) {
    writeFileSync(lockFile, JSON.stringify(owner));
    assert.equal(lockOwner(dataDir), null);
    lockDataFolder(dataDir).release();
  }
});

test('a lock that a full disk cut off is taken over', (t) => {
  const dataDir = folder(t);
  const { lockFile, release } = lockDataFolder(dataDir);
  release();
  writeFileSync(lockFile, '{"pid":');
  lockDataFolder(dataDir).release();
});

test('a process that lives keeps its lock', (t) => {
  const dataDir = folder(t);
  const { lockFile, release } = lockDataFolder(dataDir);
  release();
  writeFileSync(lockFile, JSON.stringify({ pid: process.ppid, identity: processIdentity(process.ppid) }));
  assert.throws(() => lockDataFolder(dataDir), { code: 'data-folder-taken' });
});
