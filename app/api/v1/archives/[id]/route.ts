import { z } from 'zod';
import { route } from '#app/api/route.ts';
import { archiveSchema } from '#lib/operations/archive-wire.ts';
import { getArchive } from '#lib/operations/list-archives.ts';

export const GET = route({ role: 'viewer', summary: 'One archive with how far it is', params: z.object({ id: z.string() }), response: archiveSchema }, ({ store, params }) => getArchive(store, params.id));
