import type { Statements } from '../store.ts';

/**
 * Takes or renews a lease by the database's clock. Conditional on one row, so of two processes exactly one gets it.
 * @param forMs how long the lease lasts unless renewed: the time after which another process may take over
 * @returns whether `holder` holds it now
 */
export async function holdLease(on: Statements, name: string, holder: string, forMs: number): Promise<boolean> {
  const touched = await on.execute(
    `insert into lease as l (name, holder, expires_at) values ($1, $2, now() + $3 * interval '1 millisecond')
     on conflict (name) do update set holder = excluded.holder, expires_at = excluded.expires_at
     where l.holder = excluded.holder or l.expires_at < now()`,
    [name, holder, forMs],
  );
  return touched === 1;
}

/** Gives a lease back at once, so that another process need not wait for its end. */
export async function releaseLease(on: Statements, name: string, holder: string): Promise<void> {
  await on.execute('delete from lease where name = $1 and holder = $2', [name, holder]);
}
