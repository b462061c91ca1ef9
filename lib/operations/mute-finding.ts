import { z } from 'zod';
import { recordAudit } from '#lib/access/record-audit.ts';
import { WaybillError } from '#lib/errors.ts';
import type { Principal } from '#lib/model/access.ts';
import { lockMute, writeMute } from '#lib/store/hygiene/findings.ts';
import type { Store } from '#lib/store/store.ts';
import { timeSchema } from '#lib/wire.ts';
import type { FindingWire } from './finding-shape.ts';
import { findingNotFound, getFinding } from './get-finding.ts';

const MAX_MUTE_MS = 365 * 86_400_000;

export const muteFindingSchema = z.strictObject({
  /** Shown again from then on. */
  until: timeSchema,
  reason: z.string().trim().min(1, 'say why').max(1_000),
});

/**
 * Folds a finding away until a moment: it goes on being looked for, and no alert tells of it.
 * @throws WaybillError `finding-not-found` 404, `mute-invalid` 400 where it would end in the past or in over a year
 */
export async function muteFinding(store: Store, id: string, mute: z.output<typeof muteFindingSchema>, actor: Pick<Principal, 'name'>, now: Date): Promise<FindingWire> {
  const until = new Date(mute.until);
  if (until <= now) throw new WaybillError('mute-invalid', 'The mute would be over before it begins.', { status: 400 });
  if (until.getTime() - now.getTime() > MAX_MUTE_MS) throw new WaybillError('mute-invalid', 'A finding is muted for a year at most.', { status: 400 });
  await store.transaction(async (tx) => {
    const before = await lockMute(tx, id);
    if (before === null) throw findingNotFound(id);
    await writeMute(tx, id, { until, reason: mute.reason, by: actor.name, at: now });
    await recordAudit(tx, actor, { action: 'finding.mute', target: id, reason: mute.reason, before: { mutedUntil: before.mutedUntil }, after: { mutedUntil: until } });
    await store.notify('hygiene', { finding: id }, tx);
  });
  return getFinding(store, id, now);
}
