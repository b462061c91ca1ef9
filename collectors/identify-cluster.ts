import type { CollectorContext } from './context.ts';

/**
 * The row id of one configured cluster, once its own id was checked against the store; null before that, or where another cluster answers. Asks no
 * other cluster: one that is down delays nobody else.
 * @param whenSilent what a broker that does not answer is: a failure of the caller's, or a cluster not identified yet
 * @throws where the store does not answer
 */
export async function identifyCluster({ store, brokers }: Pick<CollectorContext, 'store' | 'brokers'>, name: string, whenSilent: 'throw' | 'unknown'): Promise<number | null> {
  for (const [id, bound] of brokers.bound()) if (bound === name) return id;
  const described: Promise<{ clusterId: string | null }> = brokers.get(name).describeCluster();
  const { clusterId } = await (whenSilent === 'throw' ? described : described.catch(() => ({ clusterId: null })));
  if (clusterId === null) return null;
  const row = await store.prisma.cluster.findUnique({ where: { name }, select: { id: true, kafkaClusterId: true } });
  if (row?.kafkaClusterId !== clusterId) return null;
  brokers.bind(row.id, name);
  return row.id;
}
