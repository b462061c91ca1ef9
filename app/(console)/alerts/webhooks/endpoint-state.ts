import type { WebhookEndpointView } from '#lib/operations/list-webhook-endpoints.ts';

/** How a webhook does: state for its colour and icon, and the word. */
export function endpointState(endpoint: Pick<WebhookEndpointView, 'enabled' | 'disabledReason' | 'failingSince' | 'lastSuccessAt'>): { state: string; word: string } {
  if (!endpoint.enabled) return endpoint.disabledReason === null ? { state: 'disabled', word: 'off' } : { state: 'failing', word: 'disabled' };
  if (endpoint.failingSince !== null) return { state: 'failing', word: 'failing' };
  return endpoint.lastSuccessAt === null ? { state: 'empty', word: 'not used yet' } : { state: 'ok', word: 'works' };
}
