import type { Store } from '../store.ts';

export interface RequestToAdd {
  id: string;
  clusterId: number;
  kind: string;
  params: Record<string, unknown>;
  principal: string;
  timeoutMs: number;
}

/**
 * Stores what somebody asks of a broker and tells the collectors. The deadline is set by the database's clock.
 * @returns false where another question has this id; the same one is there already and is not asked twice
 */
export async function addRequest(store: Store, request: RequestToAdd): Promise<boolean> {
  return store.transaction(async (tx) => {
    const added = await tx.execute(
      `insert into broker_request (id, cluster_id, kind, params, principal, deadline) values ($1, $2, $3, $4, $5, now() + $6 * interval '1 millisecond') on conflict (id) do nothing`,
      [request.id, request.clusterId, request.kind, JSON.stringify(request.params), request.principal, request.timeoutMs],
    );
    if (added === 0) {
      const same = await tx.query('select 1 from broker_request where id = $1 and cluster_id = $2 and kind = $3 and params = $4::jsonb and principal = $5', [request.id, request.clusterId, request.kind, JSON.stringify(request.params), request.principal]);
      return same.length === 1;
    }
    // Inside the transaction, so that it is delivered when the row can be seen.
    await store.notify('broker-request', { id: request.id }, tx);
    return true;
  });
}
