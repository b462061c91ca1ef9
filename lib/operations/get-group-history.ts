import { z } from 'zod';
import { WaybillError } from '#lib/errors.ts';
import { readHistory } from '#lib/store/lag/read-history.ts';
import type { Store } from '#lib/store/store.ts';
import { offsetSchema, timeSchema } from '#lib/wire.ts';
import { asQuality, asStatus, lagStatusSchema, secondsQualitySchema } from './group-shape.ts';
import { requireCluster } from './list-groups.ts';

export const groupHistoryQuerySchema = z.object({ from: timeSchema.optional(), to: timeSchema.optional() });
export const groupHistorySchema = z.object({
  from: timeSchema,
  to: timeSchema,
  stepSeconds: z.number().int(),
  items: z.array(
    z.object({
      at: timeSchema,
      lag: offsetSchema.nullable(),
      lagMax: offsetSchema.nullable(),
      lagSeconds: z.number().nullable(),
      lagSecondsMax: z.number().nullable(),
      lagSecondsQuality: secondsQualitySchema,
      producedPerSecond: z.number().nullable(),
      consumedPerSecond: z.number().nullable(),
      status: lagStatusSchema,
      members: z.number().int().nullable(),
    }),
  ),
});
export type GroupHistory = z.output<typeof groupHistorySchema>;

const DEFAULT_SPAN_MS = 3_600_000;
const MAX_SPAN_MS = 31 * 86_400_000;
const MAX_POINTS = 360;

/**
 * Lag, age and rates of a group over time, in at most 360 steps of whole minutes. Steps in which nothing was read are left out.
 * @throws WaybillError `cluster-not-found`, `group-not-found` 404, `bad-range` 400
 */
export async function getGroupHistory(store: Store, input: { cluster: string; group: string; from?: string | undefined; to?: string | undefined; now: Date }): Promise<GroupHistory> {
  const clusterId = await requireCluster(store, input.cluster);
  const group = await store.prisma.consumerGroup.findUnique({ where: { clusterId_name: { clusterId, name: input.group } }, select: { id: true } });
  if (!group) throw new WaybillError('group-not-found', `The cluster "${input.cluster}" has no group "${input.group}".`, { status: 404 });
  const to = input.to === undefined ? input.now : new Date(input.to);
  const from = input.from === undefined ? new Date(to.getTime() - DEFAULT_SPAN_MS) : new Date(input.from);
  const spanMs = to.getTime() - from.getTime();
  if (spanMs <= 0 || spanMs > MAX_SPAN_MS) throw new WaybillError('bad-range', '"from" must lie before "to", at most 31 days.');
  const stepSeconds = Math.max(60, Math.ceil(spanMs / MAX_POINTS / 60_000) * 60);
  const rows = await readHistory(store, group.id, from, to, stepSeconds);
  return {
    from: from.toISOString(),
    to: to.toISOString(),
    stepSeconds,
    items: rows.map((row) => ({
      at: row.at.toISOString(),
      lag: row.lag?.toString() ?? null,
      lagMax: row.lag_max?.toString() ?? null,
      lagSeconds: row.lag_seconds,
      lagSecondsMax: row.lag_seconds_max,
      lagSecondsQuality: asQuality(row.quality),
      producedPerSecond: row.produced_per_second,
      consumedPerSecond: row.consumed_per_second,
      status: asStatus(row.status),
      members: row.member_count,
    })),
  };
}
