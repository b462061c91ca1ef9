import { z } from 'zod';
import { recordAudit } from '#lib/access/record-audit.ts';
import { WaybillError } from '#lib/errors.ts';
import type { Principal } from '#lib/model/access.ts';
import { lockFailure, writeFailure } from '#lib/store/dead-letters/write-failure.ts';
import type { Store } from '#lib/store/store.ts';
import { timeSchema } from '#lib/wire.ts';
import { getFailure, type FailureWire } from './list-failures.ts';

const MAX_MUTE_MS = 365 * 86_400_000;
/** Empty text is none. */
const text = (limit: number) => z.string().trim().max(limit).transform((value) => (value === '' ? null : value)).nullable();

export const failureChangeSchema = z
  .strictObject({
    /** Who looks after it; null or empty: nobody. */
    owner: text(100).optional(),
    note: text(2_000).optional(),
    /** Counted but folded away until then; null: not muted. */
    mutedUntil: timeSchema.nullable().optional(),
  })
  .refine((change) => Object.values(change).some((value) => value !== undefined), 'say what to change: owner, note or mutedUntil');
export type FailureChange = z.output<typeof failureChangeSchema>;

/**
 * Changes what people keep about a failure; parts that are not named stay.
 * @throws WaybillError failure-not-found (404), mute-invalid (400) where it would end in the past or in over a year
 */
export async function updateFailure(store: Store, id: string, change: FailureChange, actor: Pick<Principal, 'name'>, now: Date, bodyDays?: number): Promise<FailureWire> {
  const mutedUntil = change.mutedUntil === undefined || change.mutedUntil === null ? change.mutedUntil : new Date(change.mutedUntil);
  if (mutedUntil && mutedUntil <= now) throw new WaybillError('mute-invalid', 'The mute would be over before it begins.', { status: 400 });
  if (mutedUntil && mutedUntil.getTime() - now.getTime() > MAX_MUTE_MS) throw new WaybillError('mute-invalid', 'A failure is muted for a year at most.', { status: 400 });
  await store.transaction(async (tx) => {
    const before = await lockFailure(tx, id);
    if (before === null) throw notFound(id);
    const after = { owner: change.owner === undefined ? before.owner : change.owner, note: change.note === undefined ? before.note : change.note, mutedUntil: mutedUntil === undefined ? before.mutedUntil : mutedUntil };
    await writeFailure(tx, id, after);
    await recordAudit(tx, actor, { action: 'failure.update', target: id, before, after });
    await store.notify('dead-letters', { failure: id }, tx);
  });
  return readFailure(store, id, now, bodyDays);
}

function notFound(id: string): WaybillError {
  return new WaybillError('failure-not-found', `There is no failure ${id}; it may have been grouped anew.`, { status: 404 });
}

/** One failure. @throws WaybillError failure-not-found (404) */
export async function readFailure(store: Store, id: string, now: Date, bodyDays?: number): Promise<FailureWire> {
  const failure = await getFailure(store, id, now, bodyDays);
  if (failure === null) throw notFound(id);
  return failure;
}
