import { z } from 'zod';
import type { Store } from '#lib/store/store.ts';

const cycleSchema = z.object({
  durationMs: z.number().nullable().catch(null),
  requests: z.number().nullable().catch(null),
  groups: z.number().nullable().catch(null),
  groupsFailed: z.number().nullable().catch(null),
  partitions: z.number().nullable().catch(null),
  partitionsFailed: z.number().nullable().catch(null),
  intervalMs: z.number().nullable().catch(null),
});

export const clusterSchema = z.object({
  name: z.string(),
  kafkaClusterId: z.string(),
  /** ok | partial | down | unknown */
  state: z.string(),
  brokers: z.array(z.object({ id: z.number(), host: z.string(), port: z.number() })),
  lastCycleAt: z.string().nullable(),
  lastCycle: cycleSchema.nullable(),
  downSince: z.string().nullable(),
  lastError: z.string().nullable(),
});
export type ClusterItem = z.infer<typeof clusterSchema>;

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

const brokersSchema = z.array(z.object({ id: z.number(), host: z.string(), port: z.number() })).catch([]);

/** The clusters Waybill reads, with how their last cycle went. */
export async function listClusterReadings(store: Store): Promise<ClusterItem[]> {
  const rows = await store.prisma.cluster.findMany({ orderBy: { name: 'asc' }, take: 64 });
  return rows.map((row) => {
    const cycle = cycleSchema.safeParse(row.lastCycle);
    return {
      name: row.name,
      kafkaClusterId: row.kafkaClusterId,
      state: row.state,
      brokers: brokersSchema.parse(row.brokers),
      lastCycleAt: row.lastCycleAt?.toISOString() ?? null,
      lastCycle: cycle.success ? cycle.data : null,
      downSince: row.downSince?.toISOString() ?? null,
      lastError: row.lastError,
    };
  });
}

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
