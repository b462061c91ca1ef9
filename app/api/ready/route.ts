import { z } from 'zod';
import { errorText } from '#lib/errors.ts';
import { route, toJson } from '../route.ts';

const TIMEOUT_MS = 3_000;
const checkSchema = z.object({ name: z.string(), ok: z.boolean(), detail: z.string() });

export const GET = route(
  { role: 'public', summary: 'Whether this process can serve: 200, or 503 with what fails', response: z.object({ status: z.enum(['ready', 'not-ready']), checks: z.array(checkSchema) }) },
  async ({ store, log }) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${TIMEOUT_MS} ms`)), TIMEOUT_MS);
    });
    const migrations = store.query<{ count: bigint }>('select count(*) as count from _prisma_migrations where finished_at is not null');
    const check = await Promise.race([migrations, late])
      .then(([row]) => (row && row.count > 0n ? { name: 'store', ok: true, detail: 'answers' } : { name: 'store', ok: false, detail: 'The database has no tables yet.' }))
      .catch((error: unknown) => {
        // The reason can name hosts and users: it goes to the log, the public answer only says which part fails.
        log.warn({ err: errorText(error) }, 'the store is not ready');
        return { name: 'store', ok: false, detail: 'The database does not answer; the log says why.' };
      })
      .finally(() => clearTimeout(timer));
    const body = { status: check.ok ? ('ready' as const) : ('not-ready' as const), checks: [check] };
    return check.ok ? body : new Response(toJson(body), { status: 503, headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', 'retry-after': '5' } });
  },
);
