import type { Statements } from '../store.ts';

/** @returns true the first time in the life of a store */
export async function markRulesSeeded(tx: Statements): Promise<boolean> {
  return (await tx.execute(`insert into setting (key, value) values ('alert-rules-seeded', 'true'::jsonb) on conflict do nothing`)) === 1;
}
