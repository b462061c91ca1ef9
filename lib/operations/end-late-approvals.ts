import { recordAudit } from '#lib/access/record-audit.ts';
import { lapseApprovals } from '#lib/store/replays/await-approval.ts';
import type { Store } from '#lib/store/store.ts';

/** Ends replays that nobody approved or declined in time, with their audit lines. @returns how many */
export async function endLateApprovals(store: Store): Promise<number> {
  const ids = await lapseApprovals(store, (tx, id) => recordAudit(tx, 'waybill', { action: 'replay.lapse', target: id, reason: 'nobody decided in time', after: { decision: 'lapsed' } }));
  for (const id of ids) await store.notify('replays', { replay: id });
  return ids.length;
}
