import { createHmac, randomBytes } from 'node:crypto';

const SECRET_PREFIX = 'whsec_';

/** Headers of one attempt. */
export interface SignatureHeaders {
  'webhook-id': string;
  'webhook-timestamp': string;
  'webhook-signature': string;
}

/** A new signing secret: `whsec_` and 32 random bytes in base64 (Standard Webhooks, symmetric). */
export function newWebhookSecret(): string {
  return SECRET_PREFIX + randomBytes(32).toString('base64');
}

/**
 * Signs one attempt after Standard Webhooks 1.0: HMAC-SHA256 over `id.timestamp.body`, base64, `v1,` in front, one
 * signature per secret (two in the 24 h after a rotation, so a receiver can change over without losing a message).
 * @param secrets `whsec_…`, the current one first
 * @param at the moment of the attempt, not of the message: receivers refuse stamps older than some minutes
 */
export function signWebhook(id: string, at: Date, body: string, secrets: readonly string[]): SignatureHeaders {
  const timestamp = Math.floor(at.getTime() / 1_000).toString();
  const signatures = secrets.map((secret) => {
    if (!secret.startsWith(SECRET_PREFIX)) throw new TypeError('A webhook secret starts with whsec_.');
    const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}
