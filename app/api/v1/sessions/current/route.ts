import { z } from 'zod';
import { sessionCookie } from '#lib/access/session-cookie.ts';
import { signOut } from '#lib/operations/sign-out.ts';
import { route } from '../../../route.ts';

export const GET = route(
  { role: 'viewer', summary: 'Who is asking, and with which role', response: z.object({ kind: z.string(), name: z.string(), role: z.string(), expiresAt: z.string().nullable() }) },
  async ({ principal }) => ({ kind: principal.kind, name: principal.name, role: principal.role, expiresAt: principal.expiresAt }),
);

export const DELETE = route({ role: 'viewer', summary: 'Signs out: ends the session of the cookie' }, async ({ store, config, clock, principal, headers }) => {
  if (principal.kind === 'session' && principal.id) await signOut(store, { principal, sessionId: principal.id, now: clock.now() });
  headers.append('set-cookie', sessionCookie(config.publicUrl, null));
  return undefined;
});
