import { z } from 'zod';
import { readTrends } from '#lib/store/lag/read-history.ts';
import type { Store } from '#lib/store/store.ts';
import { offsetSchema } from '#lib/wire.ts';
import { requireCluster } from './list-groups.ts';

export const lagTrendsQuerySchema = z.object({
  /** Repeated; at most 100. */
  group: z.union([z.string().max(255), z.array(z.string().max(255)).max(100)]).transform((value) => (Array.isArray(value) ? value : [value])),
});
export const lagTrendsSchema = z.object({ stepSeconds: z.number().int(), items: z.array(z.object({ group: z.string(), lag: z.array(offsetSchema.nullable()) })) });
export type LagTrends = z.output<typeof lagTrendsSchema>;

const STEP_SECONDS = 120;
const STEPS = 30;

/** Lag of a few groups over the last hour in 30 steps, oldest first: what a list shows beside the rows in view. null = not read. */
export async function listLagTrends(store: Store, input: { cluster: string; groups: readonly string[]; now: Date }): Promise<LagTrends> {
  await requireCluster(store, input.cluster);
  const lastStep = Math.floor(input.now.getTime() / 1_000 / STEP_SECONDS);
  const first = lastStep - STEPS + 1;
  const rows = await readTrends(store, input.cluster, input.groups, new Date(first * STEP_SECONDS * 1_000), STEP_SECONDS);
  const items = new Map(input.groups.map((group) => [group, Array.from({ length: STEPS }, (): string | null => null)]));
  for (const row of rows) {
    const step = Math.floor(row.at.getTime() / 1_000 / STEP_SECONDS) - first;
    const lags = items.get(row.name);
    if (lags && step >= 0 && step < STEPS) lags[step] = row.lag?.toString() ?? null;
  }
  return { stepSeconds: STEP_SECONDS, items: [...items].map(([group, lag]) => ({ group, lag })) };
}
