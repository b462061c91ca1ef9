import type { Statements } from '../store.ts';

/** Writes that an endpoint took a message. */
export async function noteEndpointSuccess(tx: Statements, endpointId: string, now: Date): Promise<void> {
  await tx.execute('update webhook_endpoint set last_success_at = $2, failing_since = null where id = $1', [endpointId, now]);
}

/** Writes that an endpoint failed. @returns since when it has been failing */
export async function noteEndpointFailure(tx: Statements, endpointId: string, now: Date): Promise<Date> {
  const [row] = await tx.query<{ failing_since: Date }>('update webhook_endpoint set failing_since = coalesce(failing_since, $2) where id = $1 returning failing_since', [endpointId, now]);
  return row?.failing_since ?? now;
}

/** Switches an endpoint off and ends what still waits for it, or was cut off. @returns false where it was off already */
export async function disableEndpoint(tx: Statements, endpointId: string, reason: string, now: Date): Promise<boolean> {
  const touched = await tx.execute('update webhook_endpoint set enabled = false, disabled_reason = $2, updated_at = $3 where id = $1 and enabled', [endpointId, reason, now]);
  await tx.execute(`update delivery set state = 'failed', ended_at = $2, next_attempt_at = null where endpoint_id = $1 and (state = 'waiting' or (state = 'sending' and lease_until <= $2))`, [endpointId, now]);
  return touched === 1;
}
