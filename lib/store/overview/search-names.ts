import type { Statements } from '../store.ts';

export interface FoundRow {
  kind: 'group' | 'topic' | 'failure';
  id: string;
  cluster: string;
  name: string;
}

/** Groups, topics and failures whose name holds `text` (case does not matter), at most `limit` of each; names that start with it first. */
export async function searchNamesRows(on: Statements, text: string, limit: number): Promise<FoundRow[]> {
  const pattern = `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`;
  return on.query<FoundRow>(
    `(select 'group' as kind, g.id::text as id, c.name as cluster, g.name as name from consumer_group g join cluster c on c.id = g.cluster_id
        where g.deleted_at is null and g.name ilike $1 order by g.name not ilike $2, g.name limit $3)
     union all
     (select 'topic', t.id::text, c.name, t.name from topic t join cluster c on c.id = t.cluster_id
        where t.deleted_at is null and t.name ilike $1 order by t.name not ilike $2, t.name limit $3)
     union all
     (select 'failure', f.id, c.name, concat_ws(': ', coalesce(f.error_class, f.root_class), left(f.message, 120)) from failure f join cluster c on c.id = f.cluster_id
        where f.error_class ilike $1 or f.root_class ilike $1 or f.message ilike $1 order by f.last_seen_at desc limit $3)`,
    [pattern, pattern.slice(1), limit],
  );
}
