import { recordAudit } from '#lib/access/record-audit.ts';
import { WaybillError } from '#lib/errors.ts';
import type { Principal } from '#lib/model/access.ts';
import { revokeTokenRow } from '#lib/store/access/insert-token.ts';
import type { Store } from '#lib/store/store.ts';

/**
 * Revokes an API token: the next request with it is refused.
 * @throws WaybillError `token-not-found`
 */
export async function revokeToken(store: Store, input: { principal: Principal; tokenId: string; now: Date }): Promise<void> {
  await store.transaction(async (tx) => {
    const token = await revokeTokenRow(tx, input.tokenId, input.now);
    if (!token) throw new WaybillError('token-not-found', 'There is no such token, or it was revoked already.', { status: 404 });
    await recordAudit(tx, input.principal, { action: 'token.revoke', target: token.name, before: { id: input.tokenId, role: token.role } });
  });
}
