import type { Statements } from '../store.ts';

export interface AttemptEnd {
  deliveryId: string;
  number: number;
  endedAt: Date;
  latencyMs: number;
  statusCode: number | null;
  error: string | null;
  responseHead: Record<string, string> | null;
  responseBody: string | null;
}

/** Writes how an attempt ended. */
export async function finishAttempt(tx: Statements, end: AttemptEnd): Promise<void> {
  await tx.execute(
    `update delivery_attempt set ended_at = $3, latency_ms = $4, status_code = $5, error = $6, response_head = $7::jsonb, response_body = $8
     where delivery_id = $1 and number = $2`,
    [end.deliveryId, end.number, end.endedAt, end.latencyMs, end.statusCode, end.error, end.responseHead === null ? null : JSON.stringify(end.responseHead), end.responseBody],
  );
}
