import type { Statements } from '../store.ts';

export interface DeliverySettlement {
  deliveryId: string;
  holder: string;
  state: 'delivered' | 'failed' | 'superseded' | 'waiting';
  /** Attempts of this round so far. */
  attemptCount: number;
  nextAttemptAt: Date | null;
  now: Date;
}

/** Ends or reschedules a delivery that `holder` holds. @returns false where another process has taken it over */
export async function settleDelivery(tx: Statements, input: DeliverySettlement): Promise<boolean> {
  const touched = await tx.execute(
    `update delivery set state = $3, attempt_count = $4, next_attempt_at = $5, lease_holder = null, lease_until = null,
            ended_at = case when $3 = 'waiting' then null else $6::timestamptz end
     where id = $1 and state = 'sending' and lease_holder = $2`,
    [input.deliveryId, input.holder, input.state, input.attemptCount, input.nextAttemptAt, input.now],
  );
  return touched === 1;
}
