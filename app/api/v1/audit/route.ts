import { z } from 'zod';
import { auditEntrySchema, listAudit } from '#lib/operations/list-audit.ts';
import { listSchema, pageQuerySchema } from '#lib/wire.ts';
import { route } from '../../route.ts';

export const GET = route(
  {
    role: 'administrator',
    summary: 'Who did what, the latest first',
    query: pageQuerySchema.omit({ sort: true }).extend({ action: z.string().max(100).optional(), actor: z.string().max(200).optional() }),
    response: listSchema(auditEntrySchema),
  },
  async ({ store, query }) => listAudit(store, query),
);
