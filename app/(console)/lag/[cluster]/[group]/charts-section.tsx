import type { ReactNode } from 'react';
import { readScope } from '#components/scope.ts';
import { WaybillError } from '#lib/errors.ts';
import { getGroupHistory, type GroupHistory } from '#lib/operations/get-group-history.ts';
import { readGroupHeat } from '#lib/operations/read-group-heat.ts';
import type { Store } from '#lib/store/store.ts';
import { columnsOf, overlay } from './chart-columns.ts';
import { type Compare, labelOf, parseCompare } from './compare.ts';
import { GroupCharts } from './group-charts.tsx';
import { HeatStrip } from './heat-strip.tsx';

interface ChartsSectionProps {
  store: Store;
  cluster: string;
  group: string;
  search: Record<string, string | string[] | undefined>;
  now: Date;
}

const DAY_MS = 86_400_000;

/** Charts of a group and its partitions over the time that the URL names, beside another group or another time where it names one. */
export async function ChartsSection({ store, cluster, group, search, now }: ChartsSectionProps): Promise<ReactNode> {
  const { rangeMs, chosen } = readScope(search);
  const to = chosen?.to ?? now;
  const from = chosen?.from ?? new Date(now.getTime() - rangeMs);
  const compare = parseCompare(Array.isArray(search['compare']) ? search['compare'][0] : search['compare']);
  const read = (name: string, shiftMs: number) => getGroupHistory(store, { cluster, group: name, from: new Date(from.getTime() - shiftMs).toISOString(), to: new Date(to.getTime() - shiftMs).toISOString(), now });
  const [history, other, heat] = await Promise.all([read(group, 0), readOther(compare, group, read), readGroupHeat(store, { cluster, group, from, to, now })]);
  const columns = columnsOf(history);
  return (
    <>
      <GroupCharts
        columns={columns}
        marks={history.marks}
        cluster={cluster}
        group={group}
        chosen={chosen !== null}
        compared={compare === null ? null : { label: labelOf(compare), ...(typeof other === 'string' || other === null ? { problem: other ?? '' } : { columns: overlay(columns, columnsOf(other)) }) }}
      />
      <HeatStrip heat={heat} />
    </>
  );
}

/** The other history, or why there is none. */
async function readOther(compare: Compare | null, group: string, read: (name: string, shiftMs: number) => Promise<GroupHistory>): Promise<GroupHistory | string | null> {
  if (compare === null) return null;
  try {
    return await (compare.kind === 'group' ? read(compare.group, 0) : read(group, compare.days * DAY_MS));
  } catch (error) {
    if (error instanceof WaybillError) return error.message;
    throw error;
  }
}
