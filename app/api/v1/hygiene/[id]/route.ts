import { z } from 'zod';
import { findingSchema } from '#lib/operations/finding-shape.ts';
import { getFinding } from '#lib/operations/get-finding.ts';
import { route } from '../../../route.ts';

export const GET = route({ role: 'viewer', summary: 'One finding with its evidence', params: z.object({ id: z.uuid() }), response: findingSchema }, async ({ store, clock, params }) => getFinding(store, params.id, clock.now()));
