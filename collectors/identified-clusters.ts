import type { CollectorContext } from './context.ts';
import { identifyCluster } from './identify-cluster.ts';

/**
 * The clusters of this process whose identity was checked against the store, by row id: a record sent to the wrong cluster cannot be taken back.
 * Clusters that do not answer are left out.
 */
export async function identifiedClusters(context: Pick<CollectorContext, 'store' | 'brokers'>): Promise<Map<number, string>> {
  const { store, brokers } = context;
  const found = new Map(brokers.bound());
  const missing = brokers.names.filter((name) => ![...found.values()].includes(name));
  if (missing.length === 0) return found;
  // A cluster without a row was never read: there is nothing to compare its answer with.
  for (const { name } of await store.prisma.cluster.findMany({ where: { name: { in: missing } }, select: { name: true } })) {
    const id = await identifyCluster(context, name, 'unknown');
    if (id !== null) found.set(id, name);
  }
  return found;
}
