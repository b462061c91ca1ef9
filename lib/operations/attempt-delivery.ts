// One attempt of one delivery. In this order, each step its own transaction:
//   1  look again whether the message still holds, and write the attempt      (a crash from here on: the lease ends,
//   2  send                                                                     another attempt goes out, same webhook-id)
//   3  write the answer, reschedule or end, note the endpoint's health
// So a receiver sees a message at least once, and never under two ids.

import { recordAudit } from '#lib/access/record-audit.ts';
import type { SecretKey } from '#lib/access/seal-secret.ts';
import { retryDelayMs } from '#lib/alert/retry-delay.ts';
import { saySeconds } from '#lib/alert/say-figure.ts';
import type { Clock } from '#lib/clock.ts';
import { errorText } from '#lib/errors.ts';
import type { EndpointFormat } from '#lib/model/alert.ts';
import type { ClaimedDelivery } from '#lib/store/deliveries/claim-deliveries.ts';
import { finishAttempt } from '#lib/store/deliveries/finish-attempt.ts';
import { isStale } from '#lib/store/deliveries/is-stale.ts';
import { disableEndpoint, noteEndpointFailure, noteEndpointSuccess } from '#lib/store/deliveries/note-endpoint.ts';
import { readEndpoint, type EndpointRow } from '#lib/store/deliveries/read-endpoint.ts';
import { settleDelivery } from '#lib/store/deliveries/settle-delivery.ts';
import { startAttempt } from '#lib/store/deliveries/start-attempt.ts';
import type { Statements, Store } from '#lib/store/store.ts';
import { isSigned, openEndpointSecret } from '#lib/webhook/endpoint-secret.ts';
import type { Resolver, TargetPolicy } from '#lib/webhook/guard-target.ts';
import { judgeAnswer } from '#lib/webhook/judge-answer.ts';
import { sendWebhook, type WebhookOutcome } from '#lib/webhook/send-webhook.ts';
import { signWebhook } from '#lib/webhook/sign-webhook.ts';

/** An endpoint that took nothing for this long is switched off. */
export const DISABLE_AFTER_MS = 120 * 3_600_000;

export interface AttemptContext {
  holder: string;
  clock: Clock;
  keys: readonly SecretKey[];
  policy: TargetPolicy;
  /** Ends the request early: the attempt then does not count. */
  signal: AbortSignal;
  timeoutMs?: number;
  resolver?: Resolver;
  random?: () => number;
}

export type AttemptResult = 'delivered' | 'retry' | 'failed' | 'superseded' | 'stopped' | 'lost';

interface Prepared {
  number: number;
  url: string;
  headers: Record<string, string>;
  body: string;
}

/** Attempts a delivery that `holder` has claimed. Throws only where the store fails; the lease then brings it back. */
export async function attemptDelivery(store: Store, delivery: ClaimedDelivery, context: AttemptContext): Promise<AttemptResult> {
  const prepared = await store.transaction((tx) => prepare(tx, delivery, context));
  if (typeof prepared === 'string') {
    await store.notify('deliveries', { id: delivery.id });
    return prepared;
  }
  const outcome: WebhookOutcome =
    'problem' in prepared
      ? { kind: 'refused', code: 'secret', sentence: prepared.problem, latencyMs: 0 }
      : await sendWebhook({ url: prepared.url, headers: prepared.headers, body: prepared.body }, context);
  const result = await store.transaction((tx) => conclude(tx, delivery, prepared.number, outcome, context));
  await store.notify('deliveries', { id: delivery.id });
  return result;
}

async function prepare(tx: Statements, delivery: ClaimedDelivery, context: AttemptContext): Promise<Prepared | { number: number; problem: string } | AttemptResult> {
  const now = context.clock.now();
  // What a person asked for again is sent as it was, stale or not.
  if (delivery.alert_group_id !== null && delivery.redelivered_at === null && (await isStale(tx, { ...delivery, alert_group_id: delivery.alert_group_id }))) {
    const settled = await settleDelivery(tx, { deliveryId: delivery.id, holder: context.holder, state: 'superseded', attemptCount: delivery.attempt_count, nextAttemptAt: null, now });
    return settled ? 'superseded' : 'lost';
  }
  const endpoint = await readEndpoint(tx, delivery.endpoint_id);
  if (endpoint === null) {
    await settleDelivery(tx, { deliveryId: delivery.id, holder: context.holder, state: 'failed', attemptCount: delivery.attempt_count, nextAttemptAt: null, now });
    return 'failed';
  }
  const composed = compose(endpoint, delivery, context.keys, now);
  const number = await startAttempt(tx, { deliveryId: delivery.id, holder: context.holder, startedAt: now, requestHead: 'problem' in composed ? {} : composed.headers });
  if (number === null) return 'lost';
  return { number, ...composed };
}

function compose(endpoint: EndpointRow, delivery: ClaimedDelivery, keys: readonly SecretKey[], now: Date): Omit<Prepared, 'number'> | { problem: string } {
  const headers: Record<string, string> = { 'content-type': 'application/json; charset=utf-8', 'user-agent': 'Waybill-Webhooks/1' };
  const format = endpoint.format as EndpointFormat;
  try {
    const secret = endpoint.sealed_secret === null ? null : openEndpointSecret(keys, endpoint.id, endpoint.sealed_secret);
    if (secret === null) return { problem: 'The endpoint has no secret. Rotate it.' };
    if (isSigned(format)) {
      const secrets = [secret];
      if (endpoint.sealed_previous !== null && endpoint.previous_expires_at !== null && now < endpoint.previous_expires_at) {
        secrets.push(openEndpointSecret(keys, endpoint.id, endpoint.sealed_previous));
      }
      return { url: endpoint.url, headers: { ...headers, ...signWebhook(delivery.id, now, delivery.payload, secrets) }, body: delivery.payload };
    }
    if (format === 'pagerduty') {
      const body: unknown = JSON.parse(delivery.payload);
      return { url: endpoint.url, headers: { ...headers, 'webhook-id': delivery.id }, body: JSON.stringify({ ...(body as object), routing_key: secret }) };
    }
    return { url: secret, headers: { ...headers, 'webhook-id': delivery.id }, body: delivery.payload };
  } catch (error) {
    return { problem: errorText(error) };
  }
}

async function conclude(tx: Statements, delivery: ClaimedDelivery, number: number, outcome: WebhookOutcome, context: AttemptContext): Promise<AttemptResult> {
  const now = context.clock.now();
  const verdict = judgeAnswer(outcome, now);
  await finishAttempt(tx, {
    deliveryId: delivery.id,
    number,
    endedAt: now,
    latencyMs: outcome.latencyMs,
    statusCode: outcome.kind === 'answered' ? outcome.statusCode : null,
    error: verdict.kind === 'delivered' ? null : verdict.reason,
    responseHead: outcome.kind === 'answered' ? outcome.headers : null,
    responseBody: outcome.kind === 'answered' ? outcome.body : null,
  });
  const settle = (state: 'delivered' | 'failed' | 'superseded' | 'waiting', attemptCount: number, nextAttemptAt: Date | null): Promise<boolean> =>
    settleDelivery(tx, { deliveryId: delivery.id, holder: context.holder, state, attemptCount, nextAttemptAt, now });

  // Waybill is ending: the attempt says so and does not count; whoever runs next sends at once, under the same id.
  if (outcome.kind === 'failed' && outcome.code === 'stopped') return (await settle('waiting', delivery.attempt_count, now)) ? 'stopped' : 'lost';

  const attempts = delivery.attempt_count + 1;
  if (verdict.kind === 'delivered') {
    if (!(await settle('delivered', attempts, null))) return 'lost';
    await noteEndpointSuccess(tx, delivery.endpoint_id, now);
    return 'delivered';
  }
  if (verdict.kind === 'gone') {
    if (!(await settle('failed', attempts, null))) return 'lost';
    await disable(tx, delivery.endpoint_id, verdict.reason, now);
    return 'failed';
  }
  const delayMs = retryDelayMs(attempts, (context.random ?? Math.random)(), verdict.retryAfterMs);
  const stale = delivery.alert_group_id !== null && delivery.redelivered_at === null && (await isStale(tx, { ...delivery, alert_group_id: delivery.alert_group_id }));
  // A test is one question; it wants one answer, not eight hours of trying.
  const ended = delayMs === null || delivery.type === 'webhook.test';
  const state = stale ? 'superseded' : ended ? 'failed' : 'waiting';
  if (!(await settle(state, attempts, state === 'waiting' && delayMs !== null ? new Date(now.getTime() + delayMs) : null))) return 'lost';
  const failingSince = await noteEndpointFailure(tx, delivery.endpoint_id, now);
  const failingMs = now.getTime() - failingSince.getTime();
  if (failingMs >= DISABLE_AFTER_MS) {
    await disable(tx, delivery.endpoint_id, `It took nothing for ${saySeconds(failingMs / 1_000)}. Last: ${verdict.reason}`, now);
    return 'failed';
  }
  return state === 'superseded' ? 'superseded' : ended ? 'failed' : 'retry';
}

async function disable(tx: Statements, endpointId: string, reason: string, now: Date): Promise<void> {
  if (await disableEndpoint(tx, endpointId, reason, now)) {
    await recordAudit(tx, 'waybill', { action: 'webhook-endpoint.disable', target: endpointId, reason });
  }
}
