import type { Statements } from '../store.ts';

/**
 * Puts a message that has ended back into the outbox, under the same webhook-id and with a new round of attempts.
 * @returns its state before, or null where it is unknown; waiting and sending ones are left alone
 */
export async function requeueDelivery(tx: Statements, id: string, now: Date): Promise<string | null> {
  const [row] = await tx.query<{ state: string }>('select state from delivery where id = $1 for update', [id]);
  if (row === undefined) return null;
  if (row.state !== 'waiting' && row.state !== 'sending') {
    await tx.execute(`update delivery set state = 'waiting', attempt_count = 0, next_attempt_at = $2, redelivered_at = $2, ended_at = null, lease_holder = null, lease_until = null where id = $1`, [id, now]);
  }
  return row.state;
}
