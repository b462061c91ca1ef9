import type { Statements } from '../store.ts';
import { ADD_UP_GROUPS } from './add-up-groups.ts';

const COLUMNS = ['lag', 'lost', 'arrived', 'oldest_at', 'oldest_quality', 'partitions', 'partitions_behind', 'partitions_unknown', 'partitions_uncommitted', 'partitions_beyond', 'topics_behind', 'topic_ids', 'produced_per_second', 'consumed_per_second'];

/**
 * Adds the figures of these groups up again, in the transaction that wrote their partitions, and writes those that changed.
 * @returns rows written
 */
export async function saveGroupFigures(tx: Statements, groups: readonly { id: number; producedPerSecond: number | null; consumedPerSecond: number | null }[]): Promise<number> {
  if (groups.length === 0) return 0;
  return tx.execute(
    `with added as (select * from unnest($1::int[], $2::float8[], $3::float8[]) as n(id, produced, consumed)), ${ADD_UP_GROUPS}
     insert into group_figures as s (group_id, ${COLUMNS.join(', ')})
     select a.id, f.lag, coalesce(f.lost, 0), f.arrived, f.oldest_at, f.oldest_quality, coalesce(f.partitions, 0), coalesce(f.behind, 0), coalesce(f.unknown, 0), coalesce(f.uncommitted, 0), coalesce(f.beyond, 0),
       coalesce(f.topics_behind, 0), coalesce(f.topic_ids, '{}'), a.produced, a.consumed
     from added a left join figures f on f.group_id = a.id
     on conflict (group_id) do update set ${COLUMNS.map((column) => `${column} = excluded.${column}`).join(', ')}
     where (${COLUMNS.map((column) => `s.${column}`).join(', ')}) is distinct from (${COLUMNS.map((column) => `excluded.${column}`).join(', ')})`,
    [groups.map((g) => g.id), groups.map((g) => g.producedPerSecond), groups.map((g) => g.consumedPerSecond)],
  );
}
