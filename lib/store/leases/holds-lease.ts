import type { Statements } from '../store.ts';

/**
 * Whether `holder` holds a lease, asked inside the transaction that writes under it: the row stays locked until that ends, so nobody takes the lease
 * over in between. A process that was stopped for longer than its lease must not write over what its successor wrote.
 */
export async function holdsLease(tx: Statements, name: string, holder: string): Promise<boolean> {
  return (await tx.query('select 1 from lease where name = $1 and holder = $2 and expires_at > now() for share', [name, holder])).length === 1;
}
