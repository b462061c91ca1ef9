import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { recordAudit } from '#lib/access/record-audit.ts';
import { WaybillError } from '#lib/errors.ts';
import type { Principal } from '#lib/model/access.ts';
import { insertSilence } from '#lib/store/alerts/write-silence.ts';
import type { Store } from '#lib/store/store.ts';
import { timeSchema } from '#lib/wire.ts';
import { matchersSchema } from './alert-rule-shape.ts';

const MAX_SILENCE_MS = 90 * 86_400_000;

export const silenceInputSchema = z.strictObject({
  matchers: matchersSchema,
  /** Now where absent. */
  startsAt: timeSchema.optional(),
  endsAt: timeSchema,
  comment: z.string().trim().min(1, 'say why').max(1_000),
});
export type SilenceInput = z.output<typeof silenceInputSchema>;

export const createdSilenceSchema = z.object({ id: z.uuid() });

/**
 * Silences the alerts that all matchers fit: they go on being judged, and nobody is told that they fire.
 * @throws WaybillError silence-invalid (400) where it would end before it begins, or lasts over 90 days
 */
export async function createSilence(store: Store, input: SilenceInput, actor: Pick<Principal, 'name'>, now: Date): Promise<{ id: string }> {
  const startsAt = input.startsAt === undefined ? now : new Date(input.startsAt);
  const endsAt = new Date(input.endsAt);
  if (endsAt <= startsAt || endsAt <= now) throw new WaybillError('silence-invalid', 'The silence would be over before it begins.', { status: 400 });
  if (endsAt.getTime() - startsAt.getTime() > MAX_SILENCE_MS) throw new WaybillError('silence-invalid', 'A silence lasts 90 days at most; switch the rule off instead.', { status: 400 });
  const id = randomUUID();
  await store.transaction(async (tx) => {
    await insertSilence(tx, { id, matchers: input.matchers, startsAt, endsAt, author: actor.name, comment: input.comment }, now);
    await recordAudit(tx, actor, { action: 'silence.create', target: id, reason: input.comment, after: input });
    await store.notify('alerts', { silence: id }, tx);
  });
  return { id };
}
