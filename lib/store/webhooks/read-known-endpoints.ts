import type { Statements } from '../store.ts';

/** Those of `ids` that exist, locked against deletion until the transaction ends. */
export async function readKnownEndpoints(tx: Statements, ids: readonly string[]): Promise<string[]> {
  const rows = await tx.query<{ id: string }>('select id from webhook_endpoint where id = any($1::uuid[]) for share', [ids]);
  return rows.map((row) => row.id);
}
