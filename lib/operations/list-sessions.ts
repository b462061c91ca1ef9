import { z } from 'zod';
import { SESSION_IDLE_MS } from '#lib/access/session.ts';
import type { Store } from '#lib/store/store.ts';

export const sessionSchema = z.object({
  /** Hash of the session's id in hex: names the session, does not open it. */
  id: z.string(),
  name: z.string(),
  role: z.string(),
  createdAt: z.string(),
  lastSeenAt: z.string(),
  expiresAt: z.string(),
  userAgent: z.string().nullable(),
  current: z.boolean(),
});
export type SessionItem = z.infer<typeof sessionSchema>;

/** Sessions that are open now, the latest used first, at most 200. `current` marks the caller's own. */
export async function listSessions(store: Store, input: { now: Date; current: string | null }): Promise<SessionItem[]> {
  const rows = await store.prisma.session.findMany({
    where: { revokedAt: null, expiresAt: { gt: input.now }, lastSeenAt: { gt: new Date(input.now.getTime() - SESSION_IDLE_MS) } },
    orderBy: { lastSeenAt: 'desc' },
    take: 200,
  });
  return rows.map((row) => {
    const id = Buffer.from(row.idHash).toString('hex');
    return {
      id,
      name: row.name,
      role: row.role,
      createdAt: row.createdAt.toISOString(),
      lastSeenAt: row.lastSeenAt.toISOString(),
      expiresAt: row.expiresAt.toISOString(),
      userAgent: row.userAgent,
      current: id === input.current,
    };
  });
}
