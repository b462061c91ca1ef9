import { deadLetterStates } from '#lib/model/dead-letter.ts';
import type { Statements } from '../store.ts';
import type { DeadLetterFilter } from './filter-dead-letters.ts';
import { newestSql, type Search } from './list-rows.ts';
import { countAll, countConditions, ofNarrowed, type Narrowed } from './narrow-failures.ts';

export interface Facet {
  name: 'topic' | 'originTopic' | 'originGroup' | 'errorClass' | 'state';
  value: string | null;
  count: number;
}

/** Where rows have to be read, facets are those of the newest so many. */
export const FACETS_OF_NEWEST = 10_000;
/** Values a facet; more are counted nowhere. */
const MAX_VALUES = 100;

/**
 * Counts by each column under a filter. From the counts the ingest keeps where the filter is made of their columns: exact, whatever the
 * number of rows; states then come from an index. Under a state, a correlation id or a word of single rows: among the newest 10,000. What is
 * archived counts among the states, where it can be asked for, and nowhere else unless it was asked for.
 */
export async function countFacets(on: Statements, search: Search): Promise<Facet[]> {
  const { filter, narrowed, ownWithArchived: own } = search;
  if (filter.state || filter.correlationId || own === null || own.length > 0) return countByRow(on, search, ['topic', 'originTopic', 'originGroup', 'errorClass', 'state']);
  if (narrowed?.ids.length === 0) return [];
  const [kept, states] = await Promise.all([countKept(on, filter, narrowed), narrowed === null || narrowed.whole ? countStates(on, filter, narrowed) : countByRow(on, search, ['state'])]);
  return [...kept, ...states];
}

async function countKept(on: Statements, filter: DeadLetterFilter, narrowed: Narrowed | null): Promise<Facet[]> {
  const params: unknown[] = [];
  const bind = (value: unknown) => `$${params.push(value)}`;
  const { failure, row } = countConditions(filter, bind);
  const ids = ofNarrowed(narrowed, filter, 'c.failure_id', bind);
  return on.query<Facet>(
    `with kept as (
       select c.topic_id, c.origin_topic, c.origin_group, f.error_class, sum(c.count - c.archived) as count from dead_letter_count c join failure f on f.id = c.failure_id where ${ids} and ${failure} and ${row} group by 1, 2, 3, 4),
     named as (
       select 'topic' as name, t.name as value, k.count from kept k join topic t on t.id = k.topic_id
       union all select 'originTopic', nullif(origin_topic, ''), count from kept
       union all select 'originGroup', nullif(origin_group, ''), count from kept
       union all select 'errorClass', error_class, count from kept),
     summed as (select name, value, sum(count)::int as count, row_number() over (partition by name order by sum(count) desc, value) as place from named group by 1, 2)
     select name, value, count from summed where place <= ${MAX_VALUES} and count > 0 order by 1, 3 desc, 2`,
    params,
  );
}

/** States of whole failures, or of all: those that left "new" from an index, the rest is new. What a replay holds is little and is taken off its row's state. */
async function countStates(on: Statements, filter: DeadLetterFilter, narrowed: Narrowed | null): Promise<Facet[]> {
  // How many are archived is kept, like the total.
  const { count, archived } = narrowed ?? (await countAll(on, filter.cluster));
  const params: unknown[] = [deadLetterStates.filter((state) => state !== 'new' && state !== 'archived'), count, archived];
  const bind = (value: unknown) => `$${params.push(value)}`;
  let where = 'true';
  if (narrowed !== null && !narrowed.all) where = `d.failure_id = any(${bind(narrowed.ids)}::text[])`;
  // With one cluster all rows are its: the index of states tells without a look at them.
  else if (narrowed === null && filter.cluster && (await on.query('select 1 from cluster limit 2')).length > 1) where = `d.cluster_id = (select id from cluster where name = ${bind(filter.cluster)})`;
  return on.query<Facet>(
    `with moved as (select d.state, count(*) as count from dead_letter d where ${where} and d.state = any($1) group by 1),
     held as (
       select d.state, count(*) as count from replay_item o join dead_letter d on d.topic_id = o.topic_id and d.partition = o.partition and d."offset" = o."offset" where not o.final and ${where} group by 1)
     select 'state' as name, state as value, sum(count)::int as count
     from (select * from moved union all select 'new', $2::bigint - $3::bigint - coalesce((select sum(count) from moved), 0) union all select 'archived', $3::bigint
       union all select state, -count from held union all select 'replaying', count from held) x group by 2 having sum(count) > 0 order by 3 desc, 2`,
    params,
  );
}

async function countByRow(on: Statements, search: Search, names: readonly Facet['name'][]): Promise<Facet[]> {
  const params: unknown[] = [];
  const newest = newestSql(search, null, FACETS_OF_NEWEST, params, { withArchived: true });
  if (newest === null) return [];
  const columns: Record<Facet['name'], string> = { topic: 'topic_id', originTopic: 'origin_topic', originGroup: 'origin_group', errorClass: 'error_class', state: 'state' };
  const facets = await on.query<Facet>(
    `with chosen as materialized (select d.topic_id, d.partition, d."offset", d.origin_topic, d.origin_group, d.error_class, d.state from (${newest}) p cross join lateral (select * from dead_letter d where d.seq = p.seq limit 1) d),
     picked as (
       select d.topic_id, d.origin_topic, d.origin_group, d.error_class, case when o.topic_id is null then d.state else 'replaying' end as state
       from chosen d left join replay_item o on o.topic_id = d.topic_id and o.partition = d.partition and o."offset" = d."offset" and not o.final),
     counted as (
       ${names.map((name) => `select '${name}' as name, ${columns[name]}::text as value, count(*)::int as count from picked ${name === 'state' || search.filter.state ? '' : `where state <> 'archived'`} group by 2`).join(' union all ')}),
     named as (select c.name, case when c.name = 'topic' then t.name else c.value end as value, c.count from counted c left join topic t on c.name = 'topic' and t.id::text = c.value)
     select name, value, sum(count)::int as count from named group by 1, 2 order by 1, 3 desc, 2`,
    params,
  );
  const shown = new Map<string, number>();
  return facets.filter(({ name }) => {
    shown.set(name, (shown.get(name) ?? 0) + 1);
    return shown.get(name)! <= MAX_VALUES;
  });
}
