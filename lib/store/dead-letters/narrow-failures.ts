import type { Statements } from '../store.ts';
import type { DeadLetterFilter } from './filter-dead-letters.ts';
import { failureHasWords } from './search-condition.ts';

/** What the counts kept by the ingest say about a filter, before any row is read. */
export interface Narrowed {
  /** Failures that have rows under cluster, topic, origin, class and failure of the filter, and all its words. */
  ids: string[];
  /** There are more failures than `ids` holds: `ofNarrowed` asks for them by what they were found by. */
  cut: boolean;
  /** How many rows that are; state and correlation id of the filter are not regarded. */
  count: bigint;
  /** How many of them are archived. */
  archived: bigint;
  /** Every row of these failures is one of them, and `ids` holds them all. */
  whole: boolean;
  /** And there are no other rows. */
  all: boolean;
}

/** Failures named by their ids at most. */
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
    `with found as (
       select f.id, sum(c.count) filter (where ${row}) as count, sum(c.archived) filter (where ${row}) as archived, sum(c.count) as all
       from dead_letter_count c join failure f on f.id = c.failure_id where ${failure} and ${words} group by 1 having sum(c.count) filter (where ${row}) > 0)
     select id, (sum(count) over ())::bigint as count, (sum(archived) over ())::bigint as archived, (sum("all") over ())::bigint as all, (select sum(count)::bigint from dead_letter_count) as total from found limit ${MAX_FAILURES + 1}`,
    params,
  );
  const cut = rows.length > MAX_FAILURES;
  const { count, archived, all, total } = rows[0] ?? { count: 0n, archived: 0n, all: 0n, total: 0n };
  return { ids: rows.slice(0, MAX_FAILURES).map((item) => item.id), cut, count, archived, whole: !cut && count === all, all: rows.length > 0 && count === total };
}

/** Condition that a column names one of these failures; where they are cut, by the words of the search, and the other conditions have to be asked of the row. */
export function ofNarrowed(narrowed: Narrowed | null, filter: DeadLetterFilter, column: string, bind: (value: unknown) => string): string {
  if (narrowed === null) return 'true';
  // "is true" keeps the order of all rows, in which matching ones are met soon, and compares each with a hash of the ids instead of one by one.
  if (!narrowed.cut) return `(${column} = any(${bind(narrowed.ids)}::text[])) is true`;
  return filter.search ? `${column} in (select f.id from failure f where ${failureHasWords(filter.search, bind)})` : 'true';
}

/** All rows of a cluster, or of every one, and how many of them are archived. */
export async function countAll(on: Statements, cluster: string | undefined): Promise<{ count: bigint; archived: bigint }> {
  const [row] = await on.query<{ count: bigint; archived: bigint }>(
    'select coalesce(sum(count), 0)::bigint as count, coalesce(sum(archived), 0)::bigint as archived from dead_letter_count where $1::text is null or cluster_id = (select id from cluster where name = $1)',
    [cluster ?? null],
  );
  return row ?? { count: 0n, archived: 0n };
}
