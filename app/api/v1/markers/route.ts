import { createdMarkerSchema, createMarker, markerInputSchema } from '#lib/operations/create-marker.ts';
import { route } from '../../route.ts';

export const POST = route({ role: 'operator', summary: 'Marks a moment (a deploy, a change) on the charts of a group or of a whole cluster', body: markerInputSchema, response: createdMarkerSchema, status: 201 }, async ({ store, clock, principal, body }) =>
  createMarker(store, body, principal, clock.now()),
);
