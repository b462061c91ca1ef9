import { WaybillError } from '#lib/errors.ts';
import type { Store } from '#lib/store/store.ts';
import { requireCluster } from './list-groups.ts';

/**
 * The present incarnation of a topic.
 * @throws WaybillError `cluster-not-found`, `topic-not-found` 404
 */
export async function findTopic(store: Store, input: { cluster: string; topic: string }): Promise<{ id: number; clusterId: number; partitionCount: number }> {
  const clusterId = await requireCluster(store, input.cluster);
  const found = await store.prisma.topic.findFirst({ where: { clusterId, name: input.topic, deletedAt: null }, select: { id: true, clusterId: true, partitionCount: true } });
  if (!found) throw new WaybillError('topic-not-found', `The cluster "${input.cluster}" has no topic "${input.topic}". It may have been deleted, or was created a moment ago.`, { status: 404 });
  return found;
}
