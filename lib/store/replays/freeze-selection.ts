import type { DeadLetterFilter } from '../dead-letters/filter-dead-letters.ts';
import { countConditions } from '../dead-letters/narrow-failures.ts';
import type { Statements } from '../store.ts';
import { currentSnapshot } from './create-replay.ts';
import type { ReplaySelection } from './hold-replay.ts';
import { summariseSelection, type SelectionSummary } from './select-dead-letters.ts';

/** A selection as it is at one moment: what arrives later is no part of it. */
export interface FrozenSummary {
  snapshotSeq: bigint;
  summary: SelectionSummary;
}

/** What the counts that the ingest keeps are by. A state, a word or a correlation id is a matter of each row. */
const COUNTED = new Set(['cluster', 'topic', 'originTopic', 'originGroup', 'errorClass', 'failure']);

/**
 * Freezes a selection and says what it holds. Where the kept counts tell it no row is read, of however many millions: the count is exact (it and the snapshot are of one
 * statement), and a partition begins at its first dead letter, which is not behind the first that is selected.
 */
export async function freezeSelection(on: Statements, selection: ReplaySelection, clusterId: number): Promise<FrozenSummary> {
  if ('filter' in selection && Object.keys(selection.filter).every((name) => COUNTED.has(name))) return fromCounts(on, selection.filter, clusterId);
  const snapshotSeq = await currentSnapshot(on);
  return { snapshotSeq, summary: await summariseSelection(on, selection, clusterId, snapshotSeq) };
}

async function fromCounts(on: Statements, filter: DeadLetterFilter, clusterId: number): Promise<FrozenSummary> {
  const params: unknown[] = [];
  const bind = (value: unknown) => `$${params.push(value)}`;
  const { failure, row } = countConditions(filter, bind);
  const rows = await on.query<{ seq: bigint; topicId: number | null; originTopic: string | null; count: bigint }>(
    `select s.seq, c.* from (select coalesce(max(seq), 0) as seq from dead_letter) s
     left join (select c.topic_id as "topicId", nullif(c.origin_topic, '') as "originTopic", sum(c.count - c.archived)::bigint as count
       from dead_letter_count c join failure f on f.id = c.failure_id where c.cluster_id = ${bind(clusterId)} and ${failure} and ${row} group by 1, 2 having sum(c.count - c.archived) > 0) c on true`,
    params,
  );
  const found = rows.flatMap((one) => (one.topicId === null ? [] : [{ ...one, topicId: one.topicId }]));
  const start = await on.query<SelectionSummary['start'][number]>(
    `select t.name as topic, p.partition, f."offset" from unnest($1::int[]) as u (id) join topic t on t.id = u.id
     cross join lateral generate_series(0, (select max(d.partition) from dead_letter d where d.topic_id = u.id)) as p (partition)
     cross join lateral (select d."offset" from dead_letter d where d.topic_id = u.id and d.partition = p.partition order by d."offset" limit 1) f order by 1, 2`,
    [[...new Set(found.map((one) => one.topicId))]],
  );
  const origins = new Map<string | null, bigint>();
  for (const one of found) origins.set(one.originTopic, (origins.get(one.originTopic) ?? 0n) + one.count);
  return {
    snapshotSeq: rows[0]!.seq,
    summary: { count: found.reduce((sum, one) => sum + one.count, 0n), start, originTopics: [...origins].map(([topic, count]) => ({ topic, count })) },
  };
}
