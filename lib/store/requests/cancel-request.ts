import type { Store } from '../store.ts';

/** Takes a request back; the collector that runs it stops. @returns false where it had ended already */
export async function cancelRequest(store: Store, id: string): Promise<boolean> {
  return store.transaction(async (tx) => {
    const changed = await tx.execute(`update broker_request set state = 'cancelled', ended_at = now() where id = $1 and state in ('waiting', 'running')`, [id]);
    if (changed === 1) await store.notify('broker-cancel', { id }, tx);
    return changed === 1;
  });
}
