import { recordAudit } from '#lib/access/record-audit.ts';
import { WaybillError } from '#lib/errors.ts';
import type { Principal } from '#lib/model/access.ts';
import { endSilenceRow } from '#lib/store/alerts/write-silence.ts';
import type { Store } from '#lib/store/store.ts';

/** Ends a silence now. It stays in the list as ended. @throws WaybillError silence-not-found (404) */
export async function endSilence(store: Store, id: string, actor: Pick<Principal, 'name'>, now: Date): Promise<void> {
  await store.transaction(async (tx) => {
    if (!(await endSilenceRow(tx, id, now))) throw new WaybillError('silence-not-found', 'There is no such silence in force; it may be over already.', { status: 404 });
    await recordAudit(tx, actor, { action: 'silence.end', target: id });
    await store.notify('alerts', { silence: id }, tx);
  });
}
