import type { Statements } from '../store.ts';

export interface ClaimedRequest {
  id: string;
  clusterId: number;
  cluster: string;
  kind: string;
  params: unknown;
  principal: string;
  /** Milliseconds until its deadline, by the database's clock. */
  leftMs: number;
}

/** Takes up to `limit` waiting requests of these clusters, oldest first. Of several collectors exactly one gets each. */
export async function claimRequests(on: Statements, holder: string, clusters: readonly string[], limit: number): Promise<ClaimedRequest[]> {
  return on.query<ClaimedRequest>(
    `update broker_request r set state = 'running', claimed_by = $1 from cluster c
     where c.id = r.cluster_id and r.id in (
       select w.id from broker_request w join cluster wc on wc.id = w.cluster_id
       where w.state = 'waiting' and w.deadline > now() and wc.name = any($2) order by w.created_at for update of w skip locked limit $3)
     returning r.id, r.cluster_id as "clusterId", c.name as cluster, r.kind, r.params, r.principal, greatest(0, extract(epoch from r.deadline - now()) * 1000)::float8 as "leftMs"`,
    [holder, clusters, limit],
  );
}
