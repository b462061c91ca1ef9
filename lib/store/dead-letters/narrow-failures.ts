import type { Statements } from '../store.ts';
import type { DeadLetterFilter } from './filter-dead-letters.ts';
import { failureHasWords } from './search-condition.ts';

/** What the counts kept by the ingest say about a filter, before any row is read. */
export interface Narrowed {
  /** Failures that have rows under cluster, topic, origin, class and failure of the filter, and all its words. */
  ids: string[];
  /** How many rows that are; state and correlation id of the filter are not regarded. */
  count: bigint;
  /** How many of them are archived. */
  archived: bigint;
  /** Every row of these failures is one of them. */
  whole: boolean;
  /** And there are no other rows. */
  all: boolean;
}

/** So many failures that reading all rows in order finds matching ones soon enough. */
const MAX_FAILURES = 20_000;

/** Is the filter more than a state, a correlation id or nothing? */
export function isNarrow(filter: DeadLetterFilter): boolean {
  return [filter.topic, filter.originTopic, filter.originGroup, filter.errorClass, filter.failure, filter.search].some(Boolean);
}

/** Conditions over `dead_letter_count c` and `failure f`, without the search. */
export function countConditions(filter: DeadLetterFilter, bind: (value: unknown) => string): { failure: string; row: string } {
  const failure = ['true'];
  const row = ['true'];
  if (filter.cluster) failure.push(`c.cluster_id = (select id from cluster where name = ${bind(filter.cluster)})`);
  if (filter.failure) failure.push(`f.id = ${bind(filter.failure)}`);
  if (filter.errorClass) failure.push(`f.error_class = ${bind(filter.errorClass)}`);
  if (filter.topic) row.push(`c.topic_id in (select id from topic where name = ${bind(filter.topic)})`);
  if (filter.originTopic) row.push(`c.origin_topic = ${bind(filter.originTopic)}`);
  if (filter.originGroup) row.push(`c.origin_group = ${bind(filter.originGroup)}`);
  return { failure: failure.join(' and '), row: row.join(' and ') };
}

/** The failures a filter leaves. With a search: those that have all its words themselves. */
export async function narrowFailures(on: Statements, filter: DeadLetterFilter): Promise<Narrowed> {
  const params: unknown[] = [];
  const bind = (value: unknown) => `$${params.push(value)}`;
  const { failure, row } = countConditions(filter, bind);
  const words = filter.search ? failureHasWords(filter.search, bind) : 'true';
  const rows = await on.query<{ id: string; count: bigint; archived: bigint; all: bigint; total: bigint }>(
    `select f.id, sum(c.count) filter (where ${row})::bigint as count, sum(c.archived) filter (where ${row})::bigint as archived, sum(c.count)::bigint as all, (select sum(count)::bigint from dead_letter_count) as total
     from dead_letter_count c join failure f on f.id = c.failure_id where ${failure} and ${words} group by 1 having sum(c.count) filter (where ${row}) > 0 limit ${MAX_FAILURES}`,
    params,
  );
  const sum = (pick: 'count' | 'archived' | 'all') => rows.reduce((total, item) => total + item[pick], 0n);
  return { ids: rows.map((item) => item.id), count: sum('count'), archived: sum('archived'), whole: sum('count') === sum('all'), all: rows.length > 0 && sum('count') === rows[0]?.total };
}

/** All rows of a cluster, or of every one, and how many of them are archived. */
export async function countAll(on: Statements, cluster: string | undefined): Promise<{ count: bigint; archived: bigint }> {
  const [row] = await on.query<{ count: bigint; archived: bigint }>(
    'select coalesce(sum(count), 0)::bigint as count, coalesce(sum(archived), 0)::bigint as archived from dead_letter_count where $1::text is null or cluster_id = (select id from cluster where name = $1)',
    [cluster ?? null],
  );
  return row ?? { count: 0n, archived: 0n };
}
