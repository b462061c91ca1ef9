import { z } from 'zod';
import { WaybillError } from '#lib/errors.ts';
import { type ChartReading, chartSteps, type ChartStep, stepFor } from '#lib/lag/chart-steps.ts';
import { readBefore, readHours, readMinutes, readMinutesRead, readRolledUpTo, readRunning } from '#lib/store/lag/read-history.ts';
import type { Store } from '#lib/store/store.ts';
import { offsetSchema, timeSchema } from '#lib/wire.ts';
import { asQuality, asStatus, lagStatusSchema, secondsQualitySchema } from './group-shape.ts';
import { groupMarkSchema, readGroupMarks } from './group-marks.ts';
import { requireCluster } from './list-groups.ts';
import { MINUTES_KEPT_MS } from './roll-up-lag.ts';

export const groupHistoryQuerySchema = z.object({ from: timeSchema.optional(), to: timeSchema.optional() });
export const groupHistorySchema = z.object({
  from: timeSchema,
  to: timeSchema,
  stepSeconds: z.number().int(),
  /** What the points were made of: minutes live three days, hours as long as charts are kept. */
  resolution: z.enum(['minutes', 'hours']),
  /** Rebalances, changes of members, deploys and markers, oldest first. */
  marks: z.array(groupMarkSchema),
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
      /** Partitions whose figures could not be read, at most at one time of the step. */
      unknownPartitions: z.number().int(),
      members: z.number().int().nullable(),
    }),
  ),
});
export type GroupHistory = z.output<typeof groupHistorySchema>;

const HOUR_MS = 3_600_000;
const DEFAULT_SPAN_MS = HOUR_MS;
const MAX_SPAN_MS = 31 * 24 * HOUR_MS;
const MAX_POINTS = 720;

/**
 * Lag, age and rates of a group over time, in at most 720 steps. Each step has its highest and its last figures. A step in which nothing
 * was read is left out; one in which the group could not be read has null.
 * @throws WaybillError `cluster-not-found`, `group-not-found` 404, `bad-range` 400
 */
export async function getGroupHistory(store: Store, input: { cluster: string; group: string; from?: string | undefined; to?: string | undefined; now: Date }): Promise<GroupHistory> {
  const clusterId = await requireCluster(store, input.cluster);
  const group = await store.prisma.consumerGroup.findUnique({ where: { clusterId_name: { clusterId, name: input.group } }, select: { id: true, deletedAt: true } });
  if (!group) throw new WaybillError('group-not-found', `The cluster "${input.cluster}" has no group "${input.group}".`, { status: 404 });
  const to = input.to === undefined ? input.now : new Date(input.to);
  const from = input.from === undefined ? new Date(to.getTime() - DEFAULT_SPAN_MS) : new Date(input.from);
  const spanMs = to.getTime() - from.getTime();
  if (spanMs <= 0 || spanMs > MAX_SPAN_MS) throw new WaybillError('bad-range', '"from" must lie before "to", at most 31 days.');
  // Nobody has read the future, and a group that is gone stands at nothing.
  const end = new Date(Math.min(to.getTime(), input.now.getTime() + 60_000, group.deletedAt?.getTime() ?? Number.POSITIVE_INFINITY));
  const [read, marks] = await Promise.all([readSteps(store, { clusterId, groupId: group.id, from, to, end, now: input.now }), readGroupMarks(store, { clusterId, groupId: group.id, group: input.group, from, to })]);
  return { from: from.toISOString(), to: to.toISOString(), stepSeconds: read.stepMs / 1_000, resolution: read.resolution, marks, items: read.steps.map(toItem) };
}

async function readSteps(store: Store, of: { clusterId: number; groupId: number; from: Date; to: Date; end: Date; now: Date }): Promise<{ steps: ChartStep[]; stepMs: number; resolution: 'minutes' | 'hours' }> {
  const { clusterId, groupId, from, to, end, now } = of;
  const spanMs = to.getTime() - from.getTime();
  const rolledUpTo = await readRolledUpTo(store);
  // Minutes are at hand, or the roll-up did not get there yet.
  const byMinute = stepFor(spanMs, MAX_POINTS) < HOUR_MS && (from.getTime() >= now.getTime() - MINUTES_KEPT_MS || rolledUpTo === null || from >= rolledUpTo);
  const stepMs = stepFor(spanMs, MAX_POINTS, byMinute ? undefined : HOUR_MS);
  const fromMs = byMinute ? from.getTime() : Math.floor(from.getTime() / HOUR_MS) * HOUR_MS;
  const begin = new Date(fromMs);
  const before = await readBefore(store, groupId, begin);
  let readings: ChartReading[];
  if (byMinute) readings = await readMinutes(store, groupId, begin, end);
  else {
    const border = new Date(Math.min(end.getTime(), Math.max(fromMs, rolledUpTo?.getTime() ?? fromMs)));
    readings = [...(await readHours(store, groupId, begin, border)), ...(await readMinutes(store, groupId, border, end))];
  }
  const running = end >= now ? await readRunning(store, groupId, now) : null;
  if (running && (readings.at(-1)?.atMs ?? 0) < running.atMs) readings = [...readings, running];
  const readAtMs = await readMinutesRead(store, clusterId, begin, end, byMinute ? 'minute' : 'hour');
  return { steps: chartSteps(readings, readAtMs, { fromMs, toMs: to.getTime(), stepMs }, before), stepMs, resolution: byMinute ? 'minutes' : 'hours' };
}

function toItem(step: ChartStep): GroupHistory['items'][number] {
  return {
    at: new Date(step.atMs).toISOString(),
    lag: step.lagLast?.toString() ?? null,
    lagMax: step.lagMax?.toString() ?? null,
    lagSeconds: step.secondsLast,
    lagSecondsMax: step.secondsMax,
    lagSecondsQuality: asQuality(step.quality),
    producedPerSecond: step.producedPerSecond,
    consumedPerSecond: step.consumedPerSecond,
    status: asStatus(step.status),
    unknownPartitions: step.unknownPartitions,
    members: step.memberCount,
  };
}
