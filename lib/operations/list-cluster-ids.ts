import type { Store } from '#lib/store/store.ts';

/** Waybill's row id of each cluster, by Kafka's own cluster id. */
export async function listClusterIds(store: Store): Promise<Map<string, number>> {
  const clusters = await store.prisma.cluster.findMany({ select: { id: true, kafkaClusterId: true } });
  return new Map(clusters.map((cluster) => [cluster.kafkaClusterId, cluster.id]));
}
