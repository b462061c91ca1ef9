import { z } from 'zod';
import { WaybillError } from '#lib/errors.ts';
import { heatCells, heatCellsOfHours, type HeatRange, type OffsetChange } from '#lib/lag/heat-cells.ts';
import { type HeatPartition, readHeatChanges, readHeatHours, readHeatPartitions } from '#lib/store/lag/read-heat.ts';
import { readHeatUpTo } from '#lib/store/lag/roll-up-heat.ts';
import { readMinutes, readMinutesRead } from '#lib/store/lag/read-history.ts';
import type { Store } from '#lib/store/store.ts';
import { timeSchema } from '#lib/wire.ts';
import { requireCluster } from './list-groups.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Raw samples live two hours. */
const SAMPLES_MS = 2 * HOUR_MS;
const CELLS = 60;
const MAX_ROWS = 200;
/** Partitions among which the furthest behind are looked for. */
const MAX_PARTITIONS = 5_000;

export const groupHeatQuerySchema = z.object({ from: timeSchema.optional(), to: timeSchema.optional() });

export const groupHeatSchema = z.object({
  range: z.object({ from: timeSchema, to: timeSchema }).nullable().describe('what the cells span; null where there is nothing to draw'),
  note: z.string().nullable().describe('what else a reader has to know of the cells'),
  hoursUntil: timeSchema.nullable().describe('until when cells have the highest of whole hours; null where none has'),
  total: z.number().int().describe('partitions with a commit; rows has the furthest behind of them, at most 200'),
  rows: z.array(z.object({ topic: z.string(), partition: z.number().int(), cells: z.array(z.number().nullable()).describe('highest lag of each of 60 equal parts of the range; null: unknown') })),
});
export type GroupHeat = z.output<typeof groupHeatSchema>;

const MAX_SPAN_MS = 31 * 24 * HOUR_MS;

/**
 * The same over the time that a request names: the last hour unless it says otherwise.
 * @throws WaybillError `bad-range` 400, and what readGroupHeat throws
 */
export async function getGroupHeat(store: Store, input: { cluster: string; group: string; from?: string | undefined; to?: string | undefined; now: Date }): Promise<GroupHeat> {
  const to = input.to === undefined ? input.now : new Date(input.to);
  const from = input.from === undefined ? new Date(to.getTime() - HOUR_MS) : new Date(input.from);
  if (from >= to || to.getTime() - from.getTime() > MAX_SPAN_MS) throw new WaybillError('bad-range', '"from" must lie before "to", at most 31 days.');
  return readGroupHeat(store, { ...input, from, to });
}

/**
 * Lag of each partition of a group over time, in 60 cells a row and at most 200 rows: from the single readings of the last two hours, and from hours before
 * that. The work is bounded by the hours of the range, not by what moved in them.
 * @throws WaybillError `cluster-not-found`, `group-not-found` 404
 */
export async function readGroupHeat(store: Store, input: { cluster: string; group: string; from: Date; to: Date; now: Date }): Promise<GroupHeat> {
  const nothing: GroupHeat = { range: null, note: null, hoursUntil: null, total: 0, rows: [] };
  const clusterId = await requireCluster(store, input.cluster);
  const group = await store.prisma.consumerGroup.findUnique({ where: { clusterId_name: { clusterId, name: input.group } }, select: { id: true } });
  if (!group) throw new WaybillError('group-not-found', `The cluster "${input.cluster}" has no group "${input.group}".`, { status: 404 });
  const { partitions, total } = await readHeatPartitions(store, group.id, MAX_PARTITIONS);
  const range: HeatRange = { fromMs: input.from.getTime(), toMs: Math.min(input.to.getTime(), input.now.getTime()), count: CELLS };
  if (partitions.length === 0 || range.toMs - range.fromMs < MINUTE_MS) return { ...nothing, total };
  const keptMs = input.now.getTime() - SAMPLES_MS;
  const drawn = { range: { from: new Date(range.fromMs).toISOString(), to: new Date(range.toMs).toISOString() }, total };
  if (range.fromMs >= keptMs) {
    const shown = partitions.slice(0, MAX_ROWS);
    const cells = await readingsOf(store, { clusterId, groupId: group.id, partitions: shown, range, keptMs });
    return { ...drawn, note: null, hoursUntil: null, rows: shown.map((partition) => rowOf(partition, cells(partition))) };
  }
  const rolledMs = (await readHeatUpTo(store))?.getTime() ?? 0;
  const hours = await hoursOf(store, { clusterId, groupId: group.id, partitions, range, rolledMs });
  // Of a time that is past the furthest behind are others than now.
  const shown = partitions
    .map((partition) => ({ partition, cells: hours(partition) }))
    .map((one) => ({ ...one, most: one.cells.reduce<number>((most, cell) => Math.max(most, cell ?? 0), range.toMs > rolledMs ? lagOf(one.partition) : 0) }))
    .toSorted((a, b) => b.most - a.most)
    .slice(0, MAX_ROWS);
  const youngMs = Math.max(rolledMs, keptMs);
  const young = youngMs < range.toMs ? await readingsOf(store, { clusterId, groupId: group.id, partitions: shown.map((one) => one.partition), range, keptMs, sinceMs: youngMs }) : null;
  const rows = shown.map(({ partition, cells }) => {
    const recent = young?.(partition);
    return rowOf(partition, recent ? cells.map((lag, index) => higher(lag, recent[index] ?? null)) : cells);
  });
  return { ...drawn, note: rolledMs > 0 ? null : 'Hours of single partitions are made a few minutes after each hour: there are none yet.', hoursUntil: rolledMs > range.fromMs ? new Date(Math.min(rolledMs, range.toMs)).toISOString() : null, rows };
}

type CellsOf = (partition: HeatPartition) => (number | null)[];

/** Cells from single readings; those before `sinceMs` stay empty. */
async function readingsOf(store: Store, { clusterId, groupId, partitions, range, keptMs, sinceMs = 0 }: { clusterId: number; groupId: number; partitions: readonly HeatPartition[]; range: HeatRange; keptMs: number; sinceMs?: number }): Promise<CellsOf> {
  const [begin, to] = [new Date(Math.max(range.fromMs, sinceMs) - MINUTE_MS), new Date(range.toMs)];
  const [{ ends, commits }, own, clusterRead] = await Promise.all([
    // What stood when the range began was written before it.
    readHeatChanges(store, groupId, partitions, new Date(keptMs), to),
    readMinutes(store, groupId, begin, to),
    readMinutesRead(store, clusterId, begin, to, 'minute'),
  ]);
  const read = new Set([...own.map((reading) => reading.atMs), ...clusterRead]);
  const wasRead = (cellFrom: number, cellTo: number): boolean => {
    for (let minute = Math.floor(Math.max(cellFrom, sinceMs) / MINUTE_MS) * MINUTE_MS; minute < cellTo; minute += MINUTE_MS) if (read.has(minute)) return true;
    return false;
  };
  return (partition) => {
    const of = (changes: readonly OffsetChange[] | undefined, now: bigint | null) => standing(changes ?? [], now);
    return heatCells(of(ends.get(partition.topic_id, partition.partition), partition.end_offset), of(commits.get(partition.topic_id, partition.partition), partition.committed_offset), range, wasRead);
  };
}

async function hoursOf(store: Store, { clusterId, groupId, partitions, range, rolledMs }: { clusterId: number; groupId: number; partitions: readonly HeatPartition[]; range: HeatRange; rolledMs: number }): Promise<CellsOf> {
  const from = new Date(Math.floor(range.fromMs / HOUR_MS) * HOUR_MS);
  const to = new Date(range.toMs);
  const [figures, hoursRead] = await Promise.all([readHeatHours(store, groupId, partitions, from, to), readMinutesRead(store, clusterId, from, to, 'hour')]);
  const read = new Set(hoursRead);
  return (partition) => heatCellsOfHours(figures.get(partition.topic_id, partition.partition) ?? [], range, (hourMs) => read.has(hourMs), rolledMs);
}

function rowOf({ topic, partition }: HeatPartition, cells: (number | null)[]): GroupHeat['rows'][number] {
  return { topic, partition, cells };
}

/** Samples have only what changed: without one, a partition stood where it stands now for as long as samples are kept. */
function standing(changes: readonly OffsetChange[], now: bigint | null): readonly OffsetChange[] {
  return changes.length > 0 ? changes : [{ atMs: 0, offset: now === null ? null : Number(now) }];
}

function lagOf({ committed_offset: committed, end_offset: end }: HeatPartition): number {
  return committed === null || end === null ? 0 : Math.max(0, Number(end - committed));
}

function higher(left: number | null, right: number | null): number | null {
  return left === null ? right : right === null ? left : Math.max(left, right);
}
