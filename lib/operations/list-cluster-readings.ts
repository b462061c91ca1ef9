import { z } from 'zod';
import type { Store } from '#lib/store/store.ts';
import { listSchema, type Page, timeSchema } from '#lib/wire.ts';
import { staleAfterMs } from './group-shape.ts';

const cycleSchema = z
  .object({
    durationMs: z.number(),
    readMs: z.number(),
    requests: z.number(),
    groups: z.number(),
    groupsFailed: z.number(),
    partitions: z.number(),
    partitionsFailed: z.number(),
    groupPartitions: z.number(),
    clamped: z.number(),
    throttledMs: z.number(),
    intervalMs: z.number(),
    rowsWritten: z.number(),
    topicsHidden: z.boolean().nullable().default(null).describe("Waybill's user may see only some topics: commits in the others are in no figure"),
  })
  .describe('the last cycle: how long it took, how many requests, what it covered');

export const clusterSchema = z.object({
  name: z.string(),
  clusterId: z.string().describe("the broker's own id"),
  state: z.enum(['ok', 'partial', 'stale', 'down', 'unknown']),
  error: z.string().nullable(),
  downSince: timeSchema.nullable(),
  lastCycleAt: timeSchema.nullable(),
  lastCycle: cycleSchema.nullable(),
  brokers: z.array(z.object({ id: z.number().int(), host: z.string(), port: z.number().int(), rack: z.string().nullable() })),
  controllerId: z.number().int().nullable(),
});
export type ClusterReading = z.output<typeof clusterSchema>;
export const listClusterReadingsResponseSchema = listSchema(clusterSchema);

/** Clusters with the state of their last reading. A cluster whose collector fell silent is "stale", whatever it was then. */
export async function listClusterReadings(store: Store, input: { now: Date }): Promise<Page<ClusterReading>> {
  const rows = await store.prisma.cluster.findMany({ orderBy: { name: 'asc' }, take: 64 });
  const items = rows.map((row): ClusterReading => {
    const lastCycle = cycleSchema.nullable().catch(null).parse(row.lastCycle);
    const stored = z.enum(['ok', 'partial', 'down', 'unknown']).catch('unknown').parse(row.state);
    const silent = row.lastCycleAt === null || input.now.getTime() - row.lastCycleAt.getTime() > staleAfterMs(lastCycle?.intervalMs ?? null);
    return {
      name: row.name,
      clusterId: row.kafkaClusterId,
      state: stored !== 'down' && row.lastCycleAt !== null && silent ? 'stale' : stored,
      error: row.lastError,
      downSince: row.downSince?.toISOString() ?? null,
      lastCycleAt: row.lastCycleAt?.toISOString() ?? null,
      lastCycle,
      brokers: clusterSchema.shape.brokers.catch([]).parse(row.brokers),
      controllerId: row.controllerId,
    };
  });
  return { items, nextCursor: null, total: items.length };
}
