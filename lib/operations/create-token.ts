import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { makeToken } from '#lib/access/bearer.ts';
import { recordAudit } from '#lib/access/record-audit.ts';
import { WaybillError } from '#lib/errors.ts';
import { ROLES, type Principal } from '#lib/model/access.ts';
import { insertToken } from '#lib/store/access/insert-token.ts';
import type { Store } from '#lib/store/store.ts';

export const createTokenSchema = z.strictObject({
  name: z.string().trim().min(1).max(100),
  role: z.enum(ROLES),
  /** ISO 8601; null: until revoked. */
  expiresAt: z.iso.datetime().nullable(),
});

export const createdTokenSchema = z.object({ id: z.string(), name: z.string(), role: z.string(), expiresAt: z.string().nullable(), token: z.string() });

/**
 * Makes an API token. The answer is the only place where its secret ever appears.
 * @throws WaybillError `token-expired` where the end is not in the future
 */
export async function createToken(store: Store, input: z.output<typeof createTokenSchema> & { principal: Principal; now: Date }): Promise<z.input<typeof createdTokenSchema>> {
  const expiresAt = input.expiresAt === null ? null : new Date(input.expiresAt);
  if (expiresAt && expiresAt <= input.now) throw new WaybillError('token-expired', 'The token would already have expired: choose a time in the future.', { status: 400 });
  const { token, hash } = makeToken();
  const id = randomUUID();
  await store.transaction(async (tx) => {
    await insertToken(tx, { id, name: input.name, hash, role: input.role, createdBy: input.principal.name, now: input.now, expiresAt });
    await recordAudit(tx, input.principal, { action: 'token.create', target: input.name, after: { id, role: input.role, expiresAt } });
  });
  return { id, name: input.name, role: input.role, expiresAt: expiresAt?.toISOString() ?? null, token };
}
