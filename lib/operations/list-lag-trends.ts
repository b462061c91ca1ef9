import { z } from 'zod';
import { readMinutesRead, readTrends } from '#lib/store/lag/read-history.ts';
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

/**
 * Lag of a few groups over the last hour in 30 steps, oldest first: what a list shows beside the rows in view. null = not read. A group to which
 * nothing happened in a step that was read stands where it stood.
 */
export async function listLagTrends(store: Store, input: { cluster: string; groups: readonly string[]; now: Date }): Promise<LagTrends> {
  const clusterId = await requireCluster(store, input.cluster);
  const lastStep = Math.floor(input.now.getTime() / 1_000 / STEP_SECONDS);
  const first = lastStep - STEPS + 1;
  const from = new Date(first * STEP_SECONDS * 1_000);
  const stepOf = (atMs: number) => Math.floor(atMs / 1_000 / STEP_SECONDS) - first;
  const [rows, minutes] = await Promise.all([readTrends(store, clusterId, input.groups, from, STEP_SECONDS), readMinutesRead(store, clusterId, from, input.now, 'minute')]);
  const read = new Set(minutes.map(stepOf));
  const byGroup = Map.groupBy(rows, (row) => row.name);
  const items = input.groups.map((group) => {
    const own = byGroup.get(group) ?? [];
    const steps = new Map(own.flatMap((row) => (row.at === null ? [] : [[stepOf(row.at.getTime()), row] as const])));
    let stands = own.find((row) => row.at === null)?.last ?? null;
    const lag = Array.from({ length: STEPS }, (_, step): string | null => {
      const changed = steps.get(step);
      if (changed === undefined) return read.has(step) ? (stands?.toString() ?? null) : null;
      stands = changed.last;
      return changed.highest?.toString() ?? null;
    });
    return { group, lag };
  });
  return { stepSeconds: STEP_SECONDS, items };
}
