import type { Statements } from '../store.ts';

export interface AttemptStart {
  deliveryId: string;
  holder: string;
  startedAt: Date;
  requestHead: Record<string, string>;
}

/**
 * Writes the attempt before its request goes out: what is cut off in between shows as an attempt without an end.
 * @returns number of the attempt, or null where the lease is no longer this holder's
 */
export async function startAttempt(tx: Statements, input: AttemptStart): Promise<number | null> {
  const [held] = await tx.query<{ id: string }>(`select id from delivery where id = $1 and state = 'sending' and lease_holder = $2 for update`, [input.deliveryId, input.holder]);
  if (held === undefined) return null;
  const [row] = await tx.query<{ number: number }>(
    `insert into delivery_attempt (delivery_id, number, started_at, request_head)
     select $1, coalesce(max(number), 0) + 1, $2, $3::jsonb from delivery_attempt where delivery_id = $1
     returning number`,
    [input.deliveryId, input.startedAt, JSON.stringify(input.requestHead)],
  );
  return row?.number ?? null;
}
