import { openSecret, sealSecret, type SecretKey } from '#lib/access/seal-secret.ts';
import type { EndpointFormat } from '#lib/model/alert.ts';

// What an endpoint keeps sealed depends on its format:
//   standard, alertmanager   the signing secret (whsec_…), and for 24 h after a rotation the one before
//   slack, teams             the whole URL, because whoever knows it can post
//   pagerduty                the routing key

/** How long the old secret goes on signing after a rotation. */
export const ROTATION_OVERLAP_MS = 24 * 3_600_000;

/** Whether messages to this format carry a signature made with a secret of ours. */
export function isSigned(format: EndpointFormat): boolean {
  return format === 'standard' || format === 'alertmanager';
}

/** The row a sealed value belongs to. Current and previous share it: a rotation moves the bytes without opening them. */
function rowOf(endpointId: string): string {
  return `webhook_endpoint:${endpointId}:secret`;
}

/** Seals the secret of an endpoint. */
export function sealEndpointSecret(keys: readonly SecretKey[], endpointId: string, secret: string): Buffer {
  const [key] = keys;
  if (key === undefined) throw new TypeError('No key to seal with.');
  return sealSecret(key, rowOf(endpointId), secret);
}

/** Opens the secret of an endpoint. @throws WaybillError secret-key-mismatch, secret-damaged */
export function openEndpointSecret(keys: readonly SecretKey[], endpointId: string, sealed: Uint8Array): string {
  return openSecret(keys, rowOf(endpointId), sealed);
}

/** A URL that is a secret, as it may be shown: where it goes, without what lets one post there. */
export function maskUrl(url: string): string {
  const parsed = new URL(url);
  return `${parsed.origin}/…`;
}
