import { WaybillError } from '#lib/errors.ts';
import type { Principal } from '#lib/model/access.ts';

const MAX_KEY_CHARS = 200;

/**
 * Header Idempotency-Key, made one person's own: keys of different people never meet. null where it is not sent.
 * @throws WaybillError `invalid-request` 400
 */
export function idempotencyKey(request: Request, principal: Pick<Principal, 'name'>): string | null {
  const key = request.headers.get('idempotency-key');
  if (key !== null && (key.length === 0 || key.length > MAX_KEY_CHARS)) throw new WaybillError('invalid-request', `Idempotency-Key: 1 to ${MAX_KEY_CHARS} characters.`, { status: 400 });
  return key === null ? null : `${principal.name}:${key}`;
}
