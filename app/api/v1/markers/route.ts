import { createdMarkerSchema, createMarker, markerInputSchema } from '#lib/operations/create-marker.ts';
import { route } from '../../route.ts';
import { idempotencyKey } from '../idempotency-key.ts';

export const POST = route({ role: 'operator', summary: 'Marks a moment (a deploy, a change) on the charts of a group or of a whole cluster. Header Idempotency-Key: the same key and body answer with the same marker', body: markerInputSchema, response: createdMarkerSchema, status: 201 }, async ({ store, clock, principal, body, request }) =>
  createMarker(store, body, principal, clock.now(), idempotencyKey(request, principal)),
);
