import { z } from 'zod';
import type { Store } from '#lib/store/store.ts';

export const tokenSchema = z.object({
  id: z.string(),
  name: z.string(),
  role: z.string(),
  createdBy: z.string(),
  createdAt: z.string(),
  expiresAt: z.string().nullable(),
  lastUsedAt: z.string().nullable(),
  revokedAt: z.string().nullable(),
});
export type TokenItem = z.infer<typeof tokenSchema>;

/** API tokens, the newest first, at most 500; never their secrets, which the store does not have. */
export async function listTokens(store: Store): Promise<TokenItem[]> {
  const rows = await store.prisma.apiToken.findMany({ omit: { hash: true }, orderBy: { createdAt: 'desc' }, take: 500 });
  return rows.map((row) => ({
    ...row,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
  }));
}
