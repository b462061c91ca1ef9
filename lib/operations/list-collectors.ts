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
  /** What a person should know although the run succeeded: what could not be read, or was passed over. */
  notes: z.array(z.string()),
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
    notes: notesOf(row.figures),
  }));
}

const tellingSchema = z.object({
  storeFailure: z.string().nullable().catch(null), poisoned: z.number().catch(0), lastPoisoned: z.string().nullable().catch(null), partitions: z.number().nullable().catch(null), failing: z.number().catch(0), lastFailure: z.string().nullable().catch(null), missed: z.string().catch('0'),
});

function notesOf(figures: unknown): string[] {
  const told = tellingSchema.safeParse(figures);
  if (!told.success) return [];
  const { storeFailure, poisoned, lastPoisoned, partitions, failing, lastFailure, missed } = told.data;
  return [
    ...(storeFailure === null ? [] : [`spans cannot be stored: ${storeFailure}`]),
    ...(poisoned === 0 ? [] : [`${poisoned} ${poisoned === 1 ? 'record' : 'records'} held no traces and ${poisoned === 1 ? 'was' : 'were'} passed over, the last ${lastPoisoned ?? 'unknown'}`]),
    // Of those that read partitions; others count other things that fail.
    ...(partitions === null || failing === 0 ? [] : [`${failing} ${failing === 1 ? 'partition' : 'partitions'} cannot be read${lastFailure === null ? '' : `: ${lastFailure}`}`]),
    ...(missed === '0' ? [] : [`${missed} records left the log before they were read, or were let go`]),
  ];
}
