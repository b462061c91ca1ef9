import { dropPartitions } from '../partitions.ts';
import type { Store } from '../store.ts';

/**
 * Drops partitions of a table that end before `before`. Gives up after two seconds of waiting for a lock: whoever reads
 * or writes goes first, and the next round tries again.
 * @returns names of the dropped ones
 */
export async function dropOldPartitions(store: Store, table: string, before: Date): Promise<string[]> {
  return store.transaction(async (tx) => {
    await tx.execute(`set local lock_timeout = '2s'`);
    return dropPartitions(tx, table, before);
  });
}
