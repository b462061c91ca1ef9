import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WaybillError } from '#lib/errors.ts';

/**
 * The administrator token and the key that seals stored secrets: given by the environment, else made once beside the data (0600).
 * @param secretsDir null where there is no data folder of our own: then only what the environment gives
 * @throws WaybillError `secret-key-required` with somebody else's database: a key made beside an empty folder would be lost with it
 */
export function readSecrets(secretsDir: string | null, env: NodeJS.ProcessEnv, ownDatabase: boolean): Record<string, string> {
  if (!ownDatabase && !env['WAYBILL_SECRET_KEY']) {
    throw new WaybillError('secret-key-required', 'With DATABASE_URL, WAYBILL_SECRET_KEY has to be set too: it opens the secrets stored in that database. Make one with: openssl rand -base64 32');
  }
  const adminToken = env['WAYBILL_ADMIN_TOKEN'] || (secretsDir === null ? '' : readOrMake(join(secretsDir, 'admin-token'), () => `wb_admin_${randomBytes(32).toString('base64url')}`));
  const secretKey = env['WAYBILL_SECRET_KEY'] || (secretsDir === null ? '' : readOrMake(join(secretsDir, 'secret-key'), () => randomBytes(32).toString('base64')));
  return { ...(adminToken ? { WAYBILL_ADMIN_TOKEN: adminToken } : {}), ...(secretKey ? { WAYBILL_SECRET_KEY: secretKey } : {}) };
}

function readOrMake(file: string, make: () => string): string {
  try {
    const text = readFileSync(file, 'utf8').trim();
    if (text !== '') return text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const secret = make();
  writeFileSync(file, `${secret}\n`, { mode: 0o600 });
  return secret;
}
