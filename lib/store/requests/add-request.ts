import type { Store } from '../store.ts';

export interface RequestToAdd {
  id: string;
  clusterId: number;
  kind: string;
  params: Record<string, unknown>;
  principal: string;
  timeoutMs: number;
}

/** Stores what somebody asks of a broker and tells the collectors. The deadline is set by the database's clock. */
export async function addRequest(store: Store, request: RequestToAdd): Promise<void> {
  await store.transaction(async (tx) => {
    await tx.execute(
      `insert into broker_request (id, cluster_id, kind, params, principal, deadline) values ($1, $2, $3, $4, $5, now() + $6 * interval '1 millisecond')`,
      [request.id, request.clusterId, request.kind, JSON.stringify(request.params), request.principal, request.timeoutMs],
    );
    // Inside the transaction, so that it is delivered when the row can be seen.
    await store.notify('broker-request', { id: request.id }, tx);
  });
}
