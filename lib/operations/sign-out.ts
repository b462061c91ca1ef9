import { recordAudit } from '#lib/access/record-audit.ts';
import { WaybillError } from '#lib/errors.ts';
import type { Principal } from '#lib/model/access.ts';
import { revokeSessionRow } from '#lib/store/access/insert-session.ts';
import type { Store } from '#lib/store/store.ts';

/**
 * Ends a session at once, the principal's own or (for administrators; the route checks) another's.
 * @param sessionId hash of the session's id in hex, as listSessions gives it
 * @throws WaybillError `session-not-found`
 */
export async function signOut(store: Store, input: { principal: Principal; sessionId: string; now: Date }): Promise<void> {
  await store.transaction(async (tx) => {
    const whose = await revokeSessionRow(tx, Buffer.from(input.sessionId, 'hex'), input.now);
    if (!whose) throw new WaybillError('session-not-found', 'There is no such session, or it has ended already.', { status: 404 });
    await recordAudit(tx, input.principal, { action: 'session.end', target: whose.name, before: { role: whose.role } });
  });
}
