import type { Statements } from '../store.ts';
import type { MarkerRow } from './read-marks.ts';

type StoredMarker = MarkerRow & { clusterId: number; groupId: number | null };

/** @returns false where a marker with this id is there already */
export async function insertMarker(tx: Statements, marker: StoredMarker): Promise<boolean> {
  return (await tx.execute('insert into marker (id, cluster_id, group_id, at, text, author) values ($1::uuid, $2, $3, $4, $5, $6) on conflict do nothing', [marker.id, marker.clusterId, marker.groupId, marker.at, marker.text, marker.author])) === 1;
}

export async function findMarker(on: Statements, id: string): Promise<StoredMarker | null> {
  const [row] = await on.query<StoredMarker>('select id, cluster_id as "clusterId", group_id as "groupId", at, text, author from marker where id = $1::uuid', [id]);
  return row ?? null;
}
