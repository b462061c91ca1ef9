import { heatCells, type OffsetChange } from '#lib/lag/heat-cells.ts';
import { readHeatChanges, readHeatPartitions } from '#lib/store/lag/read-heat.ts';
import { readMinutes, readMinutesRead } from '#lib/store/lag/read-history.ts';
import type { Store } from '#lib/store/store.ts';
import { requireCluster } from './list-groups.ts';

const MINUTE_MS = 60_000;
/** Raw samples live two hours. */
const SAMPLES_MS = 120 * MINUTE_MS;
const CELLS = 60;
const MAX_ROWS = 200;
/** Of what a large group changed each cycle, more than this is too much to unpack for one look. */
const LARGE = 500;
const LARGE_MS = 15 * MINUTE_MS;

export interface GroupHeat {
  /** What the cells span; null where no samples are left of the time asked for. */
  range: { from: string; to: string } | null;
  /** Less than was asked for, and why. */
  cutBecause: string | null;
  /** All partitions with a commit; rows has the furthest behind of them. */
  total: number;
  rows: { topic: string; partition: number; cells: (number | null)[] }[];
}

/** Lag of each partition of a group over time, in 60 cells a row and at most 200 rows, from the stored samples. */
export async function readGroupHeat(store: Store, input: { cluster: string; group: string; from: Date; to: Date; now: Date }): Promise<GroupHeat> {
  const clusterId = await requireCluster(store, input.cluster);
  const group = await store.prisma.consumerGroup.findUnique({ where: { clusterId_name: { clusterId, name: input.group } }, select: { id: true } });
  if (!group) return { range: null, cutBecause: null, total: 0, rows: [] };
  const { partitions, total } = await readHeatPartitions(store, group.id, MAX_ROWS);
  const toMs = Math.min(input.to.getTime(), input.now.getTime());
  const keptMs = input.now.getTime() - SAMPLES_MS;
  const fromMs = Math.max(input.from.getTime(), keptMs, total > LARGE ? toMs - LARGE_MS : 0);
  if (partitions.length === 0 || toMs - fromMs < MINUTE_MS) return { range: null, cutBecause: toMs - fromMs < MINUTE_MS ? 'Figures of single partitions are kept for 2 h.' : null, total, rows: [] };
  const cutBecause = fromMs <= input.from.getTime() + MINUTE_MS ? null : total > LARGE && fromMs > keptMs ? `The last 15 min only, because the group has ${total} partitions.` : 'The last 2 h only: figures of single partitions are not kept for longer.';
  const [from, to] = [new Date(fromMs), new Date(toMs)];
  const [{ ends, commits }, own, clusterRead] = await Promise.all([
    // What stood when the range began was written before it.
    readHeatChanges(store, group.id, partitions, total > LARGE ? from : new Date(keptMs), to),
    readMinutes(store, group.id, new Date(fromMs - MINUTE_MS), to),
    readMinutesRead(store, clusterId, new Date(fromMs - MINUTE_MS), to, 'minute'),
  ]);
  const read = new Set([...own.map((reading) => reading.atMs), ...clusterRead]);
  const wasRead = (cellFrom: number, cellTo: number): boolean => {
    for (let minute = Math.floor(cellFrom / MINUTE_MS) * MINUTE_MS; minute < cellTo; minute += MINUTE_MS) if (read.has(minute)) return true;
    return false;
  };
  const rows = partitions.map((partition) => {
    const key = `${partition.topic_id}:${partition.partition}`;
    const cells = heatCells(standing(ends.get(key) ?? [], partition.end_offset), standing(commits.get(key) ?? [], partition.committed_offset), { fromMs, toMs, count: CELLS }, wasRead);
    return { topic: partition.topic, partition: partition.partition, cells: cells.map((lag) => (lag === null ? null : Number(lag))) };
  });
  return { range: { from: from.toISOString(), to: to.toISOString() }, cutBecause, total, rows };
}

/** Samples have only what changed: without one, a partition stood where it stands now for as long as samples are kept. */
function standing(changes: readonly OffsetChange[], now: bigint | null): readonly OffsetChange[] {
  return changes.length > 0 ? changes : [{ atMs: 0, offset: now }];
}
