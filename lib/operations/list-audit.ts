import { z } from 'zod';
import { WaybillError } from '#lib/errors.ts';
import type { Prisma, Store } from '#lib/store/store.ts';
import { decodeCursor, encodeCursor, type Page } from '#lib/wire.ts';

export const auditEntrySchema = z.object({
  id: z.string(),
  at: z.string(),
  actor: z.string(),
  action: z.string(),
  target: z.string(),
  reason: z.string().nullable(),
  before: z.unknown(),
  after: z.unknown(),
});
export type AuditItem = z.infer<typeof auditEntrySchema>;

/** The audit trail, the latest first. `action` and `actor` match from their start ("replay." finds every replay action). */
export async function listAudit(store: Store, input: { limit: number; cursor?: string | undefined; action?: string | undefined; actor?: string | undefined }): Promise<Page<AuditItem>> {
  const where: Prisma.AuditEntryWhereInput = {};
  if (input.action) where.action = { startsWith: input.action };
  if (input.actor) where.actor = { startsWith: input.actor };
  if (input.cursor) {
    const [id] = decodeCursor(input.cursor, 1) ?? [];
    if (typeof id !== 'string' || !/^\d{1,19}$/.test(id)) throw new WaybillError('cursor-invalid', 'This cursor is not one of this list.', { status: 400 });
    where.id = { lt: BigInt(id) };
  }
  const rows = await store.prisma.auditEntry.findMany({ where, orderBy: { id: 'desc' }, take: input.limit + 1 });
  const items = rows.slice(0, input.limit);
  const last = items.at(-1);
  return {
    items: items.map((row) => ({ id: row.id.toString(), at: row.at.toISOString(), actor: row.actor, action: row.action, target: row.target, reason: row.reason, before: row.before, after: row.after })),
    nextCursor: rows.length > input.limit && last ? encodeCursor([last.id]) : null,
    total: null,
  };
}
