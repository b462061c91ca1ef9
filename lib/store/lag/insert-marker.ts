import type { Statements } from '../store.ts';
import type { MarkerRow } from './read-marks.ts';

export async function insertMarker(tx: Statements, marker: MarkerRow & { clusterId: number; groupId: number | null }): Promise<void> {
  await tx.execute('insert into marker (id, cluster_id, group_id, at, text, author) values ($1::uuid, $2, $3, $4, $5, $6)', [marker.id, marker.clusterId, marker.groupId, marker.at, marker.text, marker.author]);
}
