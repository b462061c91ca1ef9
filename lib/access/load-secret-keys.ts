import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '#lib/config.ts';
import { WaybillError } from '#lib/errors.ts';
import { parseSecretKey, type SecretKey } from './seal-secret.ts';

const FILE = 'secret.key';

/**
 * The keys that stored secrets are sealed with, the present one first. WAYBILL_SECRET_KEY may name several, separated by
 * commas: the first seals, the others only open, which is how a key is changed. Where it is not set, a key of its own
 * lies beside the data (0600), made at the first need; several machines on one database must set the variable.
 * @throws WaybillError secret-key-invalid
 */
export function loadSecretKeys(config: Pick<Config, 'secretKey' | 'dataDir'>): SecretKey[] {
  return parseSecretKeys(config.secretKey ?? readOrMakeKey(config.dataDir));
}

/** The keys of WAYBILL_SECRET_KEY's text. @throws WaybillError secret-key-invalid */
export function parseSecretKeys(text: string): SecretKey[] {
  return text
    .split(',')
    .filter((item) => item.trim() !== '')
    .map(parseSecretKey);
}

function readOrMakeKey(dataDir: string): string {
  const path = join(dataDir, FILE);
  const draft = `${path}.${process.pid}`;
  try {
    if (existsSync(path)) return readFileSync(path, 'utf8');
    mkdirSync(dataDir, { recursive: true });
    // Written aside and linked into place: of two processes that start at once one wins, and none reads half a key.
    writeFileSync(draft, randomBytes(32).toString('base64'), { mode: 0o600 });
    linkSync(draft, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) {
      throw new WaybillError('secret-key-invalid', `Can't keep a key for stored secrets in ${path}. Set WAYBILL_SECRET_KEY to 32 random bytes in base64.`, { status: 500, cause: error });
    }
  } finally {
    rmSync(draft, { force: true });
  }
  return readFileSync(path, 'utf8');
}
