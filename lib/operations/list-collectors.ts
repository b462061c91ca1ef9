import { z } from 'zod';
import type { Store } from '#lib/store/store.ts';

export const collectorSchema = z.object({
  name: z.string(),
  everyMs: z.number(),
  holder: z.string(),
  lastEndedAt: z.string().nullable(),
  lastOkAt: z.string().nullable(),
  lastDurationMs: z.number().nullable(),
  lastError: z.string().nullable(),
  consecutiveFailures: z.number(),
});
export type CollectorItem = z.infer<typeof collectorSchema>;

/** How the latest run of each collector went. */
export async function listCollectors(store: Store): Promise<CollectorItem[]> {
  const rows = await store.prisma.collectorStatus.findMany({ orderBy: { name: 'asc' }, take: 500 });
  return rows.map((row) => ({
    name: row.name,
    everyMs: row.everyMs,
    holder: row.holder,
    lastEndedAt: row.lastEndedAt?.toISOString() ?? null,
    lastOkAt: row.lastOkAt?.toISOString() ?? null,
    lastDurationMs: row.lastDurationMs,
    lastError: row.lastError,
    consecutiveFailures: row.consecutiveFailures,
  }));
}
