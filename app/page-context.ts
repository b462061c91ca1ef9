import { cookies, headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { cache } from 'react';
import { sessionCookieName } from '#lib/access/session-cookie.ts';
import { principalOfSession } from '#lib/access/session.ts';
import { allows, type Principal, type Role } from '#lib/model/access.ts';
import type { Config } from '#lib/config.ts';
import type { Store } from '#lib/store/store.ts';
import { web } from './web.ts';

export interface PageContext {
  store: Store;
  principal: Principal;
  config: Config;
  now: Date;
}

// Once per request, however many layouts and pages ask.
const currentPrincipal = cache(async (): Promise<Principal | null> => {
  const { store, config, clock } = web();
  const id = (await cookies()).get(sessionCookieName(config.publicUrl))?.value;
  return id ? principalOfSession(store, id, clock.now()) : null;
});

/**
 * What a page works with. Every page and layout calls it itself, because nothing in front of it decides about access.
 * Without a session it leads to the sign-in page, without the role to the page that says so.
 */
export async function pageContext(role: Role): Promise<PageContext> {
  const { store, config, clock } = web();
  const principal = await currentPrincipal();
  if (!principal) {
    const path = (await headers()).get('x-waybill-path');
    redirect(path && path !== '/' ? `/sign-in?next=${encodeURIComponent(path)}` : '/sign-in');
  }
  if (!allows(principal.role, role)) redirect(`/forbidden?needs=${role}`);
  return { store, principal, config, now: clock.now() };
}
