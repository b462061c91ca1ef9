import type { Statements } from '../store.ts';

export interface ClaimedCluster {
  id: number;
  /** Set where the name belongs to a cluster with another id, or the id to another configured name. Nothing was written then. */
  refusedBecause: { storedClusterId: string; storedName: string } | null;
}

/**
 * The row of a configured cluster, made at its first answer. The broker's own id decides which cluster it is: a name that answers with another id
 * is refused (offsets of two clusters in one row would be nonsense), a new name for a known id renames the row.
 * @param configuredNames all names in the configuration: a row whose name is still used there is never renamed
 */
export async function claimCluster(on: Statements, name: string, kafkaClusterId: string, configuredNames: readonly string[]): Promise<ClaimedCluster> {
  const rows = await on.query<{ id: number; name: string; kafka_cluster_id: string }>('select id, name, kafka_cluster_id from cluster where name = $1 or kafka_cluster_id = $2', [name, kafkaClusterId]);
  const byName = rows.find((row) => row.name === name);
  if (byName && byName.kafka_cluster_id !== kafkaClusterId) return { id: byName.id, refusedBecause: { storedClusterId: byName.kafka_cluster_id, storedName: byName.name } };
  const byId = rows.find((row) => row.kafka_cluster_id === kafkaClusterId);
  if (byId && byId.name === name) return { id: byId.id, refusedBecause: null };
  if (byId && configuredNames.includes(byId.name)) return { id: byId.id, refusedBecause: { storedClusterId: kafkaClusterId, storedName: byId.name } };
  if (byId) {
    await on.execute('update cluster set name = $2 where id = $1', [byId.id, name]);
    return { id: byId.id, refusedBecause: null };
  }
  const [made] = await on.query<{ id: number }>(
    'insert into cluster (name, kafka_cluster_id) values ($1, $2) on conflict (kafka_cluster_id) do update set kafka_cluster_id = excluded.kafka_cluster_id returning id',
    [name, kafkaClusterId],
  );
  if (!made) throw new Error(`the cluster ${name} could not be stored`);
  return { id: made.id, refusedBecause: null };
}
