import { parseRetryAfter } from '#lib/alert/retry-delay.ts';
import type { WebhookOutcome } from './send-webhook.ts';

/** What an attempt means for its delivery. */
export type Verdict =
  | { kind: 'delivered' }
  /** Try again; `retryAfterMs` is what the receiver asked for. */
  | { kind: 'retry'; reason: string; retryAfterMs: number | null }
  /** 410: the receiver wants no more of this endpoint. */
  | { kind: 'gone'; reason: string };

/**
 * 2xx succeeds. 3xx fails and is never followed. 410 ends the endpoint. 429 and 503 may say when to come back.
 * Everything else, a 4xx too, is tried again: most of them are a deploy or a wrong secret that somebody mends within hours.
 */
export function judgeAnswer(outcome: WebhookOutcome, now: Date): Verdict {
  if (outcome.kind !== 'answered') return { kind: 'retry', reason: outcome.sentence, retryAfterMs: null };
  const { statusCode } = outcome;
  if (statusCode >= 200 && statusCode < 300) return { kind: 'delivered' };
  if (statusCode === 410) return { kind: 'gone', reason: 'The receiver answered 410 Gone: it wants no more deliveries.' };
  if (statusCode >= 300 && statusCode < 400) {
    return { kind: 'retry', reason: `The receiver answered ${statusCode}; redirects are never followed. Enter the final URL.`, retryAfterMs: null };
  }
  const retryAfterMs = statusCode === 429 || statusCode === 503 ? parseRetryAfter(outcome.headers['retry-after'], now) : null;
  return { kind: 'retry', reason: `The receiver answered ${statusCode}.`, retryAfterMs };
}
