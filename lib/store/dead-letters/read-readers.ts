import type { Statements } from '../store.ts';

export interface Reader {
  group: string;
  /** lib/model/lag.ts GroupStatus. */
  status: string;
}

/** More are counted, not named. */
const MAX_READERS = 50;

/**
 * Consumer groups that commit on a topic and so will see what is sent to it, as last collected, without the groups of replays.
 * @returns null where the topic is not one that was collected
 */
export async function readReaders(on: Statements, clusterId: number, topic: string): Promise<{ total: number; readers: Reader[] } | null> {
  const [known] = await on.query<{ id: number }>('select id from topic where cluster_id = $1 and name = $2 and deleted_at is null', [clusterId, topic]);
  if (!known) return null;
  const rows = await on.query<Reader & { total: number }>(
    `select g.name as "group", g.status, (count(*) over ())::int as total from consumer_group g
     where g.deleted_at is null and g.name not like 'waybill-replay-%' and g.id in (select o.group_id from group_partition_offset o where o.topic_id = $1) order by 1 limit ${MAX_READERS}`,
    [known.id],
  );
  return { total: rows[0]?.total ?? 0, readers: rows.map(({ group, status }) => ({ group, status })) };
}
