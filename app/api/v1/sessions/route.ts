import { z } from 'zod';
import { sessionCookie } from '#lib/access/session-cookie.ts';
import { WaybillError } from '#lib/errors.ts';
import { listSessions, sessionSchema } from '#lib/operations/list-sessions.ts';
import { signIn } from '#lib/operations/sign-in.ts';
import { listSchema } from '#lib/wire.ts';
import { failuresAllow } from '#lib/access/limit-failures.ts';
import { route } from '../../route.ts';

const bodySchema = z.union([z.strictObject({ link: z.string().min(1).max(200) }), z.strictObject({ token: z.string().min(1).max(1_000) })]);

export const GET = route({ role: 'administrator', summary: 'Sessions that are open', response: listSchema(sessionSchema) }, async ({ store, principal, clock }) => {
  const items = await listSessions(store, { now: clock.now(), current: principal.id });
  return { items, nextCursor: null, total: items.length };
});

export const POST = route(
  {
    role: 'public',
    summary: 'Signs in with the secret of a sign-in link or with a token; the answer sets the session cookie',
    body: bodySchema,
    response: z.object({ name: z.string(), role: z.string(), expiresAt: z.string() }),
    status: 201,
    maxBodyBytes: 4_096,
  },
  async ({ store, config, clock, body, request, headers }) => {
    const now = clock.now();
    if (!failuresAllow(now)) throw new WaybillError('too-many-attempts', 'Too many failed sign-ins. Try again in a minute.', { status: 429, retryable: true, detail: { retryAfterSeconds: 60 } });
    const userAgent = request.headers.get('user-agent');
    const given = 'link' in body ? { link: body.link } : { token: body.token };
    const session = await signIn(store, { ...given, userAgent, adminToken: config.adminToken, now }).catch((error: unknown) => {
      if (error instanceof WaybillError && error.status === 401) failuresAllow(now, 1);
      throw error;
    });
    headers.append('set-cookie', sessionCookie(config.publicUrl, session.id));
    return { name: session.principal.name, role: session.principal.role, expiresAt: session.principal.expiresAt };
  },
);
