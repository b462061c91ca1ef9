import { filterSql } from '../dead-letters/filter-dead-letters.ts';
import type { Statements } from '../store.ts';
import type { ReplaySelection, SelectionStart } from './hold-replay.ts';

/** The part of a statement that names a selection: `from` and `where` over dead_letter as d, with `seen` the generation the caller saw. */
export interface SelectionSql {
  from: string;
  where: string;
  seen: string;
}

/**
 * A selection as SQL. Values only ever travel as parameters, which are appended to `params`.
 * @param params gets the values; the statement's own come before
 */
export function selectionSql(selection: ReplaySelection, clusterId: number, snapshotSeq: bigint, params: unknown[]): SelectionSql {
  const bind = (value: unknown) => `$${params.push(value)}`;
  const where = [`d.cluster_id = ${bind(clusterId)}`, `d.seq <= ${bind(snapshotSeq)}`];
  if ('ids' in selection) {
    const parts = selection.ids.map(({ id }) => id.split('-'));
    const ids = `unnest(${bind(parts.map((part) => part[0]))}::int[], ${bind(parts.map((part) => part[1]))}::int[], ${bind(parts.map((part) => part[2]))}::bigint[], ${bind(selection.ids.map((one) => one.generation))}::int[]) as s (topic_id, partition, "offset", seen)`;
    return { from: `${ids} join dead_letter d using (topic_id, partition, "offset")`, where: where.join(' and '), seen: 's.seen' };
  }
  const { topic, ...filter } = selection.filter;
  where.push(filterSql(filter, params));
  // As a list of ids: the primary key is then read in its order, a topic's rows one after the other, and nothing has to be sorted.
  if (topic) where.push(`d.topic_id = any(array(select id from topic where name = ${bind(topic)} order by id))`);
  return { from: 'dead_letter d', where: where.join(' and '), seen: 'null::int' };
}

export interface SelectionSummary {
  count: bigint;
  /** First offset of each DLQ partition. */
  start: { topic: string; partition: number; offset: bigint }[];
  /** Origin topics with their rows; null: origin unknown. */
  originTopics: { topic: string | null; count: bigint }[];
}

/** What a selection holds at its snapshot. */
export async function summariseSelection(on: Statements, selection: ReplaySelection, clusterId: number, snapshotSeq: bigint): Promise<SelectionSummary> {
  const params: unknown[] = [];
  const { from, where } = selectionSql(selection, clusterId, snapshotSeq, params);
  const rows = await on.query<{ topic: string; partition: number; originTopic: string | null; first: bigint; count: bigint }>(
    `select t.name as topic, d.partition, d.origin_topic as "originTopic", min(d."offset") as first, count(*) as count
     from ${from} join topic t on t.id = d.topic_id where ${where} group by 1, 2, 3`,
    params,
  );
  const start = new Map<string, { topic: string; partition: number; offset: bigint }>();
  const origins = new Map<string | null, bigint>();
  let count = 0n;
  for (const row of rows) {
    const key = `${row.topic}:${row.partition}`;
    const known = start.get(key);
    if (!known || row.first < known.offset) start.set(key, { topic: row.topic, partition: row.partition, offset: row.first });
    origins.set(row.originTopic, (origins.get(row.originTopic) ?? 0n) + row.count);
    count += row.count;
  }
  return { count, start: [...start.values()], originTopics: [...origins].map(([topic, of]) => ({ topic, count: of })) };
}

/** What a worker needs of a summary. */
export function startOf({ start, originTopics }: SelectionSummary): SelectionStart {
  return { start: start.map((at) => ({ ...at, offset: at.offset.toString() })), originTopics: originTopics.flatMap(({ topic }) => topic ?? []) };
}

/** Partitions of the cluster's topics as last collected, by name. */
export async function knownPartitionCounts(on: Statements, clusterId: number): Promise<Map<string, number>> {
  const rows = await on.query<{ name: string; count: number }>('select name, partition_count as count from topic where cluster_id = $1 and deleted_at is null', [clusterId]);
  return new Map(rows.map((row) => [row.name, row.count]));
}
