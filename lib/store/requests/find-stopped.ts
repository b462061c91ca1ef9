import type { Statements } from '../store.ts';

/** Of these running requests those that were cancelled, or whose row is gone. */
export async function findStopped(on: Statements, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const rows = await on.query<{ id: string }>(`select n.id from unnest($1::uuid[]) as n(id) left join broker_request r on r.id = n.id where r.id is null or r.state = 'cancelled'`, [ids]);
  return rows.map((row) => row.id);
}
