import { deadLetterStates } from '#lib/model/dead-letter.ts';
import type { Statements } from '../store.ts';
import { CURRENT_STATE } from './current-state.ts';
import { filterSql, NOT_ARCHIVED, type DeadLetterFilter } from './filter-dead-letters.ts';
import { countAll, isNarrow, narrowFailures, ofNarrowed, type Narrowed } from './narrow-failures.ts';
import { rowHasWords } from './search-condition.ts';

export interface DeadLetterRow {
  topicId: number;
  partition: number;
  offset: bigint;
  seq: bigint;
  cluster: string;
  topic: string;
  timestamp: Date | null;
  ingestedAt: Date;
  dialect: string | null;
  state: string;
  stateAt: Date;
  originTopic: string | null;
  originPartition: number | null;
  originOffset: bigint | null;
  originTimestamp: Date | null;
  originGroup: string | null;
  errorClass: string | null;
  rootClass: string | null;
  errorMessage: string | null;
  attempts: number | null;
  correlationId: string | null;
  failureId: string | null;
  valueBytes: number | null;
  keyBytes: number | null;
  headerCount: number;
  generation: number;
  expiresAt: Date | null;
}

/** Columns of a row, without the stack trace and the bytes. */
export const ROW_COLUMNS = `d.topic_id as "topicId", d.partition, d."offset", d.seq, c.name as cluster, t.name as topic, d.timestamp, d.ingested_at as "ingestedAt", d.dialect, ${CURRENT_STATE} as state, d.state_at as "stateAt",
  d.origin_topic as "originTopic", d.origin_partition as "originPartition", d.origin_offset as "originOffset", d.origin_timestamp as "originTimestamp", d.origin_group as "originGroup",
  d.error_class as "errorClass", d.root_class as "rootClass", left(d.error_message, 1000) as "errorMessage", d.attempts, d.correlation_id as "correlationId", d.failure_id as "failureId",
  d.value_bytes as "valueBytes", d.key_bytes as "keyBytes", d.header_count as "headerCount", d.generation, d.expires_at as "expiresAt"`;

/** Counting row by row stops here: a total beyond it costs more than it tells. */
export const COUNTED_UP_TO = 10_000;
/** Up to so many failures each is asked for its newest rows; with more, rows that match are met soon in the order of all. */
const FEW_FAILURES = 64;
/** The same where the rows of a failure have to be looked at, not only its index. */
const FEW_TO_LOOK_AT = 16;

/** What a list without a state shows. */
const SHOWN_STATES = deadLetterStates.filter((state) => state !== 'archived');

/** Rows under the filter and a search that have a word of it themselves, archived or not: newest first; null: more than are counted. */
async function findOwn(on: Statements, filter: DeadLetterFilter): Promise<{ seq: bigint; archived: boolean }[] | null> {
  if (!filter.search) return [];
  const params: unknown[] = [];
  const where = `${filterSql({ ...filter, search: undefined }, params, { withArchived: true })} and ${rowHasWords(filter.search, (value) => `$${params.push(value)}`)}`;
  // Without an order the index of words answers; in the order of all rows a rare word would be looked for in every one of them.
  const rows = await on.query<{ seq: bigint; archived: boolean }>(`select d.seq, d.state = 'archived' as archived from dead_letter d where ${where} limit ${COUNTED_UP_TO + 1}`, params);
  return rows.length > COUNTED_UP_TO ? null : rows.sort((a, b) => (a.seq < b.seq ? 1 : -1));
}

/** A filter with what is known of its rows before they are read. */
export interface Search {
  filter: DeadLetterFilter;
  /** null where the filter leaves all failures. */
  narrowed: Narrowed | null;
  /** Rows under cluster, topic, origin, class and failure of the filter, and how many of them are archived. */
  kept: { count: bigint; archived: bigint };
  /** Rows with a word of the search themselves, newest first; null: more than are counted. */
  own: readonly bigint[] | null;
  /** The same with those that are archived, where the filter leaves them out. */
  ownWithArchived: readonly bigint[] | null;
}

/** Finds out what can be known of a filter's rows before they are read. */
export async function prepareSearch(on: Statements, filter: DeadLetterFilter): Promise<Search> {
  const [narrowed, all, own] = await Promise.all([isNarrow(filter) ? narrowFailures(on, filter) : null, isNarrow(filter) ? null : countAll(on, filter.cluster), findOwn(on, filter)]);
  const shown = filter.state ? own : (own?.filter((row) => !row.archived) ?? null);
  return { filter, narrowed, kept: narrowed ?? all ?? { count: 0n, archived: 0n }, own: shown?.map((row) => row.seq) ?? null, ownWithArchived: own?.map((row) => row.seq) ?? null };
}

/**
 * A query for the sequences of the newest rows before `before`, newest first; null where there are none. Rows far from the newest are found
 * through their failures, which the counts name, and not by walking over all that came after. `params` must be empty.
 * @param options.withArchived without a state, what is archived too
 */
export function newestSql({ filter, narrowed, kept, ...found }: Search, before: bigint | null, limit: number, params: unknown[], options: { withArchived?: boolean } = {}): string | null {
  const own = options.withArchived ? found.ownWithArchived : found.own;
  // Where nothing that is archived has to be left out, no row has to be looked at for it.
  const hidden = filter.state || options.withArchived ? 0n : kept.archived;
  const bind = (value: unknown) => `$${params.push(value)}`;
  const after = `(${bind(before)}::bigint is null or d.seq < $1)`;
  const page = bind(limit);
  // Bound where it is used: a parameter that no part of the statement names is an error.
  const matching = () => `${filterSql({ ...filter, search: undefined }, params, { withArchived: hidden === 0n })} and ${after}`;
  // Of failures whose rows all match, the index answers without a look at the rows: only where nothing but these failures is read.
  const ofNamed = () => (!narrowed?.whole || filter.state || filter.correlationId ? matching() : hidden > 0n ? `${after} and ${NOT_ARCHIVED}` : after);
  const newest = (from: string, condition: string, where: string) => `(select d.seq from ${from} where ${condition} and ${where} order by d.seq desc limit ${page})`;
  // State by state by their index, where the newest may be a hundred thousand archived ones.
  const newestOfAll = (where: string) => (hidden === 0n ? newest('dead_letter d', 'true', where) : `select z.seq from unnest(${bind(SHOWN_STATES)}::text[]) as w(state) cross join lateral ${newest('dead_letter d', 'd.state = w.state', where)} z`);
  const sources: string[] = [];
  // Of these failures so little is not archived that all of it is read: "offset 0" keeps the planner from walking over the archived in order.
  const fewShown = hidden > 0n && narrowed !== null && kept.count - kept.archived <= COUNTED_UP_TO;
  if (narrowed === null || narrowed.all || (!filter.search && narrowed.ids.length > (narrowed.whole ? FEW_FAILURES : FEW_TO_LOOK_AT))) sources.push(newestOfAll(narrowed?.all ? ofNamed() : matching()));
  else if (fewShown) {
    if (kept.count > kept.archived) sources.push(`select v.seq from (select d.seq from dead_letter d where d.failure_id = any(${bind(narrowed.ids)}::text[]) and d.state = any(${bind(SHOWN_STATES)}::text[]) and ${matching()} offset 0) v`);
  }
  else if (narrowed.ids.length > FEW_FAILURES) sources.push(newest('dead_letter d', ofNarrowed(narrowed, filter, 'd.failure_id', bind), ofNamed()));
  else if (narrowed.ids.length > 0) sources.push(`select x.seq from unnest(${bind(narrowed.ids)}::text[]) as n(id) cross join lateral ${newest('dead_letter d', 'd.failure_id = n.id', ofNamed())} x`);
  if (filter.search && own === null) sources.push(`select y.seq from ${newest('dead_letter d', rowHasWords(filter.search, bind), matching())} y`);
  if (own && own.length > 0) sources.push(`select unnest(${bind(own.filter((seq) => before === null || seq < before).slice(0, limit))}::bigint[]) as seq`);
  return sources.length === 0 ? null : `select seq from (${sources.join(' union ')}) s where ${after.replace('d.seq', 's.seq')} order by seq desc limit ${page}`;
}

/** One page, newest first, by ingest sequence; `before` is the sequence of the last row of the page before. */
export async function listRows(on: Statements, search: Search, before: bigint | null, limit: number): Promise<DeadLetterRow[]> {
  const params: unknown[] = [];
  const newest = newestSql(search, before, limit, params);
  if (newest === null) return [];
  return on.query<DeadLetterRow>(
    `select ${ROW_COLUMNS} from (${newest}) p
     join dead_letter d on d.seq = p.seq join topic t on t.id = d.topic_id join cluster c on c.id = d.cluster_id order by d.seq desc`,
    params,
  );
}

/** How many rows match; null where that is not kept and counting goes over COUNTED_UP_TO. */
export async function countRows(on: Statements, { filter, narrowed, kept, own }: Search): Promise<bigint | null> {
  const byRow = Boolean(filter.state ?? filter.correlationId);
  if (!byRow && !filter.search) return kept.count - kept.archived;
  if (filter.state === 'archived' && !filter.search && !filter.correlationId) return kept.archived;
  if (filter.search && own === null) return null;
  if (!filter.search && !filter.correlationId && filter.state !== 'replaying' && (narrowed === null ? !filter.cluster : narrowed.whole)) return countState(on, filter.state ?? 'new', narrowed);
  const params: unknown[] = [];
  const bind = (value: unknown) => `$${params.push(value)}`;
  const failures = ofNarrowed(narrowed, filter, 'd.failure_id', bind);
  // Rows with a word of their own are counted beside those whose failure has all of them, and once where they are both.
  const apart = filter.search && own && own.length > 0 ? await countRowsApart(on, own, narrowed, filter) : 0n;
  if (!byRow) return kept.count - kept.archived + apart;
  const where = `${failures} and ${filterSql({ ...filter, search: undefined }, params)}`;
  const [row] = await on.query<{ count: bigint }>(`select count(*) as count from (select 1 from dead_letter d where ${where} limit ${bind(COUNTED_UP_TO + 1)}) x`, params);
  const count = row?.count ?? 0n;
  return count > COUNTED_UP_TO ? null : count + apart;
}

/** Rows in a state, of whole failures or of all: from an index alone. What a replay holds is little and is taken off. */
async function countState(on: Statements, state: string, narrowed: Narrowed | null): Promise<bigint | null> {
  const of = narrowed === null ? 'true' : 'd.failure_id = any($2::text[])';
  const params = narrowed === null ? [state] : [state, narrowed.ids];
  const [row] = await on.query<{ count: bigint; held: bigint }>(
    `select (select count(*) from (select 1 from dead_letter d where ${of} and d.state = $1 limit ${COUNTED_UP_TO + 1}) x) as count,
       (select count(*) from replay_item o join dead_letter d on d.topic_id = o.topic_id and d.partition = o.partition and d."offset" = o."offset" where not o.final and ${of} and d.state = $1) as held`,
    params,
  );
  const count = row?.count ?? 0n;
  return count > COUNTED_UP_TO ? null : count - (row?.held ?? 0n);
}

async function countRowsApart(on: Statements, seqs: readonly bigint[], narrowed: Narrowed | null, filter: DeadLetterFilter): Promise<bigint> {
  if (narrowed === null || narrowed.ids.length === 0) return BigInt(seqs.length);
  const params: unknown[] = [seqs];
  const [row] = await on.query<{ count: bigint }>(`select count(*) as count from unnest($1::bigint[]) as s(seq) join dead_letter d on d.seq = s.seq where not (${ofNarrowed(narrowed, filter, 'd.failure_id', (value) => `$${params.push(value)}`)})`, params);
  return row?.count ?? 0n;
}
