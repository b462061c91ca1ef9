import type { GroupHistory } from '#lib/operations/get-group-history.ts';

type Column = (number | null)[];

/** A history as columns of one step each, gaps included: a tenth of what its items weigh on the way to the page. */
export interface ChartColumns {
  fromMs: number;
  toMs: number;
  stepMs: number;
  /** Start of the first step. */
  firstMs: number;
  resolution: GroupHistory['resolution'];
  /** Milliseconds: highest of the step, and at its end. */
  ageMax: Column;
  age: Column;
  lagMax: Column;
  lag: Column;
  produced: Column;
  consumed: Column;
  /** Why a step has no figures: "" where it has. */
  reasons: Record<number, string>;
  /** Changes of status: [step, status]. */
  statuses: [number, string][];
}

export function columnsOf(history: GroupHistory): ChartColumns {
  const stepMs = history.stepSeconds * 1_000;
  const [fromMs, toMs] = [Date.parse(history.from), Date.parse(history.to)];
  const first = Math.floor(fromMs / stepMs);
  const count = Math.max(0, Math.ceil(toMs / stepMs) - first);
  const column = (): Column => Array.from({ length: count }, () => null);
  const columns: ChartColumns = { fromMs, toMs, stepMs, firstMs: first * stepMs, resolution: history.resolution, ageMax: column(), age: column(), lagMax: column(), lag: column(), produced: column(), consumed: column(), reasons: {}, statuses: [] };
  let status: string | null = null;
  for (const item of history.items) {
    const step = Math.floor(Date.parse(item.at) / stepMs) - first;
    if (step < 0 || step >= count) continue;
    columns.ageMax[step] = item.lagSecondsMax === null ? null : Math.round(item.lagSecondsMax * 1_000);
    columns.age[step] = item.lagSeconds === null ? null : Math.round(item.lagSeconds * 1_000);
    // A drawing: what a double loses of a count is less than a pixel.
    columns.lagMax[step] = item.lagMax === null ? null : Number.parseFloat(item.lagMax);
    columns.lag[step] = item.lag === null ? null : Number.parseFloat(item.lag);
    columns.produced[step] = item.producedPerSecond;
    columns.consumed[step] = item.consumedPerSecond;
    if (item.lagMax === null) columns.reasons[step] = item.unknownPartitions > 0 ? `${item.unknownPartitions} partitions could not be read` : item.status === 'unknown' ? 'the group could not be read' : 'nothing was committed yet';
    if (status !== null && item.status !== status) columns.statuses.push([step, item.status]);
    status = item.status;
  }
  return columns;
}

/**
 * Columns of another time or group, laid over the steps of the first: step by step from the start of each range. Where the other has
 * longer steps (hours, because its minutes are gone) a figure stands for all steps it covers.
 */
export function overlay(on: ChartColumns, other: ChartColumns): Pick<ChartColumns, 'ageMax' | 'lagMax' | 'consumed'> {
  const take = (column: Column): Column =>
    on.lagMax.map((_, step) => {
      const at = other.fromMs + (on.firstMs + step * on.stepMs - on.fromMs);
      return column[Math.floor((at - other.firstMs) / other.stepMs)] ?? null;
    });
  return { ageMax: take(other.ageMax), lagMax: take(other.lagMax), consumed: take(other.consumed) };
}
