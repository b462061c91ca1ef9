import { principalOfBearer } from '#lib/access/bearer.ts';
import { hashSecret } from '#lib/access/hash-secret.ts';
import { recordAudit } from '#lib/access/record-audit.ts';
import { openSession, type OpenedSession } from '#lib/access/session.ts';
import { WaybillError } from '#lib/errors.ts';
import { isRole } from '#lib/model/access.ts';
import { redeemSignInLinkRow } from '#lib/store/access/redeem-sign-in-link.ts';
import type { Store } from '#lib/store/store.ts';

export interface SignInInput {
  /** Secret of a sign-in link; or */
  link?: string | undefined;
  /** an API token or the administrator token. */
  token?: string | undefined;
  userAgent: string | null;
  adminToken: string | null;
  now: Date;
}

/**
 * Opens a session for whoever holds a sign-in link (which is used up) or a token.
 * @throws WaybillError `sign-in-link-invalid`, `token-invalid`: the same answer whether unknown, used, revoked or expired
 */
export async function signIn(store: Store, input: SignInInput): Promise<OpenedSession> {
  return store.transaction(async (tx) => {
    let who: { name: string; role: string } | null;
    if (input.link !== undefined) {
      who = await redeemSignInLinkRow(tx, hashSecret(input.link), input.now);
      if (!who) throw new WaybillError('sign-in-link-invalid', 'This sign-in link was already used, or is older than 10 minutes. Each start of Waybill prints a new one.', { status: 401 });
    } else {
      who = await principalOfBearer(tx, input.token ?? '', input.adminToken, input.now);
      if (!who) throw new WaybillError('token-invalid', 'This token is not known here, was revoked, or has expired.', { status: 401 });
    }
    if (!isRole(who.role)) throw new WaybillError('role-unknown', `The stored role "${who.role}" is not one this version knows.`, { status: 500 });
    const session = await openSession(tx, { name: who.name, role: who.role, userAgent: input.userAgent, now: input.now });
    await recordAudit(tx, who.name, { action: 'session.open', target: who.name, after: { role: who.role, by: input.link === undefined ? 'token' : 'sign-in link' } });
    return session;
  });
}
