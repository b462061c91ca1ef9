import type { Statements, Store } from '../store.ts';

/** Why a request failed, as its asker will see it. */
export interface RequestProblem {
  code: string;
  message: string;
  retryable: boolean;
  status?: number;
}

/** Ends a running request and tells its asker. One that was cancelled meanwhile stays cancelled; what was done belongs to the same transaction all the same. */
export async function endRequest(store: Store, id: string, error: RequestProblem | null, done: readonly ((tx: Statements) => Promise<void>)[] = []): Promise<void> {
  await store.transaction(async (tx) => {
    for (const work of done) await work(tx);
    await tx.execute(`update broker_request set state = $2, error = $3, ended_at = now() where id = $1 and state = 'running'`, [id, error ? 'failed' : 'done', error ? JSON.stringify(error) : null]);
    await store.notify('broker-answer', { id }, tx);
  });
}
