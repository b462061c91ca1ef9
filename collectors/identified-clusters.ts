import type { CollectorContext } from './context.ts';

/**
 * The clusters of this process whose identity was checked against the store, by row id: a record sent to the wrong cluster cannot be taken back.
 * Clusters that do not answer are left out.
 */
export async function identifiedClusters(context: Pick<CollectorContext, 'store' | 'brokers'>): Promise<Map<number, string>> {
  const { store, brokers } = context;
  const found = new Map(brokers.bound());
  const missing = brokers.names.filter((name) => ![...found.values()].includes(name));
  if (missing.length === 0) return found;
  const rows = await store.prisma.cluster.findMany({ where: { name: { in: missing } }, select: { id: true, name: true, kafkaClusterId: true } });
  for (const row of rows) {
    const { clusterId } = await brokers.get(row.name).describeCluster().catch(() => ({ clusterId: null }));
    if (clusterId !== null && clusterId === row.kafkaClusterId) {
      brokers.bind(row.id, row.name);
      found.set(row.id, row.name);
    }
  }
  return found;
}
