import type { Statements } from '../store.ts';

export interface SceneTopic {
  clusterId: number;
  name: string;
  role: string | null;
  deletedAt: Date | null;
}

/** What spans do not say themselves: which clusters there are, which topics hold dead letters, which were deleted and made again. */
export async function readScene(on: Statements): Promise<{ clusterIds: number[]; topics: SceneTopic[] }> {
  const clusters = await on.query<{ id: number }>('select id from cluster order by id limit 64');
  const topics = await on.query<SceneTopic>(
    `select cluster_id as "clusterId", name, role, deleted_at as "deletedAt" from topic where role is not null or deleted_at is not null order by deleted_at desc nulls first limit 20000`);
  return { clusterIds: clusters.map((cluster) => cluster.id), topics };
}
