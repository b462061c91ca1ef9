import { randomBytes } from 'node:crypto';

/**
 * `msg_` and a UUID version 7 (RFC 9562 section 5.7): 48 bits of milliseconds, then random bits, so that ids sort by the time they were made.
 * One message keeps its id through every retry and redelivery.
 */
export function newWebhookId(at: Date): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(at.getTime(), 0, 6);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `msg_${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
