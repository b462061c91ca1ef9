import { z } from 'zod';
import { signOut } from '#lib/operations/sign-out.ts';
import { route } from '../../../route.ts';

export const DELETE = route(
  { role: 'administrator', summary: 'Ends a session at once', params: z.object({ session: z.string().regex(/^[0-9a-f]{64}$/) }) },
  async ({ store, clock, principal, params }) => {
    await signOut(store, { principal, sessionId: params.session, now: clock.now() });
    return undefined;
  },
);
