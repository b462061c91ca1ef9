import type { CommitsEnded } from '#lib/lag/how-commits-ended.ts';
import type { Statements } from '../store.ts';

export interface GoneGroup {
  /** The first cycle that did not find it. */
  deletedAt: Date;
  ended: CommitsEnded | null;
  /** As it was last known; null where it was not. */
  lag: bigint | null;
  /** Most lag first. */
  topics: string[];
}

/** A group that the brokers do not have any more, as it was when they last had it; null where none of this name is remembered. */
export async function readGoneGroup(on: Statements, clusterId: number, name: string): Promise<GoneGroup | null> {
  const [row] = await on.query<GoneGroup>(
    `select g.deleted_at as "deletedAt", g.ended, f.lag, array(select t.name from unnest(f.topic_ids) with ordinality as n(id, place) join topic t on t.id = n.id order by n.place limit 20) as topics
     from consumer_group g left join group_figures f on f.group_id = g.id where g.cluster_id = $1 and g.name = $2 and g.deleted_at is not null`,
    [clusterId, name],
  );
  return row ?? null;
}
