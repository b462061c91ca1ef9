import type { Statements } from '../store.ts';

export interface NewDelivery {
  /** msg_<uuidv7>: the webhook-id of every attempt. */
  id: string;
  endpointId: string;
  alertGroupId: string | null;
  type: string;
  payload: string;
}

/**
 * Puts a message into the outbox. Each one tells all of its group, so those of the group that still wait say nothing that
 * this one does not: they are superseded. One that is being sent right now is left to end.
 */
export async function enqueueDelivery(tx: Statements, delivery: NewDelivery, now: Date): Promise<void> {
  if (delivery.alertGroupId !== null) {
    await tx.execute(`update delivery set state = 'superseded', ended_at = $2, next_attempt_at = null where alert_group_id = $1 and state = 'waiting' and redelivered_at is null`, [delivery.alertGroupId, now]);
  }
  await tx.execute(
    `insert into delivery (id, endpoint_id, alert_group_id, type, payload, state, next_attempt_at, created_at) values ($1, $2, $3, $4, $5, 'waiting', $6, $6)`,
    [delivery.id, delivery.endpointId, delivery.alertGroupId, delivery.type, delivery.payload, now],
  );
}
