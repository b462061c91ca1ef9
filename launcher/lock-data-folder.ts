import { accessSync, constants, linkSync, readFileSync, renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { WaybillError } from '#lib/errors.ts';
import { dataPaths, type DataPaths } from '#lib/paths.ts';
import { makeFolders } from './make-folders.ts';
import { processIdentity } from './process-identity.ts';

/** What PostgreSQL needs to start and to write for a while: a WAL segment, a checkpoint and some room. */
const LEAST_FREE_BYTES = 200 * 1024 * 1024;

export interface DataFolder extends DataPaths {
  release: () => void;
}

/**
 * Makes the data folder ready and takes it for this process; released by `release` or, after a crash, by the next start.
 * @throws WaybillError `data-folder-unusable` (read-only, a file in the way), `data-folder-full`, `data-folder-taken` (another launcher runs on it)
 */
export function lockDataFolder(dataDir: string, leastFreeBytes: number = LEAST_FREE_BYTES): DataFolder {
  const paths = dataPaths(dataDir);
  try {
    // PostgreSQL may run as another user and has to pass through; what is secret has a mode of its own below.
    makeFolders(dataDir, 0o711);
    accessSync(dataDir, constants.W_OK | constants.X_OK);
    for (const folder of [paths.runDir, paths.logsDir, paths.secretsDir]) makeFolders(folder, 0o700);
  } catch (error) {
    throw unusable(dataDir, error);
  }
  const { bavail, bsize } = statfsSync(dataDir);
  if (bavail * bsize < leastFreeBytes) throw full(dataDir, bavail * bsize);

  const mine = JSON.stringify({ pid: process.pid, identity: processIdentity(process.pid) });
  const fresh = `${paths.lockFile}.${process.pid}`;
  try {
    writeFileSync(fresh, mine);
  } catch (error) {
    throw unusable(dataDir, error);
  }
  try {
    for (let attempt = 0; attempt < 20; attempt += 1) {
      try {
        linkSync(fresh, paths.lockFile); // atomic: it fails where the lock exists
        return { ...paths, release: () => release(paths.lockFile, mine) };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unusable(dataDir, error);
      }
      const text = readLock(paths.lockFile);
      if (text === null) continue;
      const owner = parseLock(text);
      if (owner && owner.pid !== process.pid && isAlive(owner)) {
        throw new WaybillError('data-folder-taken', `Waybill already runs on ${dataDir} (process ${owner.pid}): stop that one, or give this one a folder of its own with WAYBILL_DATA_DIR.`);
      }
      takeAway(paths.lockFile, text);
    }
    throw new WaybillError('data-folder-taken', `Several starts fight over ${dataDir}: stop them and start one.`);
  } finally {
    rmSync(fresh, { force: true });
  }
}

/** The launcher that holds a data folder now, or null. */
export function lockOwner(dataDir: string): { pid: number } | null {
  const text = readLock(dataPaths(dataDir).lockFile);
  const owner = text === null ? null : parseLock(text);
  return owner && isAlive(owner) ? { pid: owner.pid } : null;
}

interface Owner {
  pid: number;
  identity: string | null;
}

function readLock(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function parseLock(text: string): Owner | null {
  try {
    const { pid, identity } = JSON.parse(text) as Partial<Owner>;
    return typeof pid === 'number' ? { pid, identity: typeof identity === 'string' ? identity : null } : null;
  } catch {
    return null; // cut off by a full disk or a crash
  }
}

function isAlive({ pid, identity }: Owner): boolean {
  if (identity !== null) return processIdentity(pid) === identity;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

// Two starts may find the same dead lock. Renaming picks one; what it took must be what it judged, or it goes back.
function takeAway(lockFile: string, judged: string): void {
  const aside = `${lockFile}.dead.${process.pid}`;
  try {
    renameSync(lockFile, aside);
  } catch {
    return;
  }
  if (readLock(aside) !== judged) {
    try {
      linkSync(aside, lockFile);
    } catch {
      // A third one holds it: it wins.
    }
  }
  rmSync(aside, { force: true });
}

function release(lockFile: string, mine: string): void {
  if (readLock(lockFile) === mine) rmSync(lockFile, { force: true });
}

function unusable(dataDir: string, error: unknown): WaybillError {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') return full(dataDir, 0);
  const reason = { EACCES: 'this user may not write there', EPERM: 'this user may not write there', EROFS: 'it is read-only', EEXIST: 'a file is in the way', ENOTDIR: 'a file is in the way', ENOENT: 'it cannot be created' }[code ?? ''] ?? code ?? String(error);
  return new WaybillError('data-folder-unusable', `The data folder ${dataDir} can't be used: ${reason}. Name another one with WAYBILL_DATA_DIR.`, { cause: error });
}

function full(dataDir: string, freeBytes: number): WaybillError {
  return new WaybillError('data-folder-full', `The disk of the data folder ${dataDir} is full (${Math.floor(freeBytes / 1024 / 1024)} MB free, ${LEAST_FREE_BYTES / 1024 / 1024} MB needed): free some, or name another folder with WAYBILL_DATA_DIR.`);
}
