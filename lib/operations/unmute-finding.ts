import { recordAudit } from '#lib/access/record-audit.ts';
import type { Principal } from '#lib/model/access.ts';
import { lockMute, writeMute } from '#lib/store/hygiene/findings.ts';
import type { Store } from '#lib/store/store.ts';
import type { FindingWire } from './finding-shape.ts';
import { findingNotFound, getFinding } from './get-finding.ts';

/** Ends the mute of a finding; one that is not muted stays as it is. @throws WaybillError `finding-not-found` 404 */
export async function unmuteFinding(store: Store, id: string, actor: Pick<Principal, 'name'>, now: Date): Promise<FindingWire> {
  await store.transaction(async (tx) => {
    const before = await lockMute(tx, id);
    if (before === null) throw findingNotFound(id);
    if (before.mutedUntil === null) return;
    await writeMute(tx, id, null);
    await recordAudit(tx, actor, { action: 'finding.unmute', target: id, before: { mutedUntil: before.mutedUntil, reason: before.mutedReason }, after: { mutedUntil: null } });
    await store.notify('hygiene', { finding: id }, tx);
  });
  return getFinding(store, id, now);
}
