import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { recordAudit } from '#lib/access/record-audit.ts';
import { WaybillError } from '#lib/errors.ts';
import type { Principal } from '#lib/model/access.ts';
import { findMarker, insertMarker } from '#lib/store/lag/insert-marker.ts';
import type { Store } from '#lib/store/store.ts';
import { timeSchema } from '#lib/wire.ts';
import { requireCluster } from './list-groups.ts';

const DAY_MS = 86_400_000;

export const markerInputSchema = z.strictObject({
  cluster: z.string().min(1).max(255),
  /** Of one group; of the whole cluster where absent. */
  group: z.string().min(1).max(255).optional(),
  /** Now where absent. */
  at: timeSchema.optional(),
  text: z.string().trim().min(1, 'say what happened').max(200),
});
export type MarkerInput = z.output<typeof markerInputSchema>;

export const createdMarkerSchema = z.object({ id: z.uuid(), at: timeSchema });

/**
 * Marks a moment on the charts of a group or of a whole cluster: a deploy, a change of settings, what a pipeline did.
 * @param idempotencyKey of this person: sent again with the same words it answers with the marker it made. A pipeline that tries again marks once
 * @throws WaybillError `cluster-not-found`, `group-not-found` 404, `marker-invalid` 400 where the moment lies ahead or over 30 days back, `idempotency-key-reused` 409
 */
export async function createMarker(store: Store, input: MarkerInput, actor: Pick<Principal, 'name'>, now: Date, idempotencyKey: string | null = null): Promise<{ id: string; at: string }> {
  const clusterId = await requireCluster(store, input.cluster);
  const at = input.at === undefined ? now : new Date(input.at);
  if (at.getTime() > now.getTime() + 5 * 60_000) throw new WaybillError('marker-invalid', 'The moment lies ahead. Mark what has happened; check the clock of the machine that sends it.', { status: 400 });
  if (at.getTime() < now.getTime() - 30 * DAY_MS) throw new WaybillError('marker-invalid', 'The moment is over 30 days back: no chart shows it.', { status: 400 });
  const group = input.group === undefined ? null : await store.prisma.consumerGroup.findUnique({ where: { clusterId_name: { clusterId, name: input.group } }, select: { id: true } });
  if (input.group !== undefined && group === null) throw new WaybillError('group-not-found', `The cluster "${input.cluster}" has no group "${input.group}".`, { status: 404 });
  const id = idempotencyKey === null ? randomUUID() : idOfKey(idempotencyKey);
  const created = await store.transaction(async (tx) => {
    if (!(await insertMarker(tx, { id, clusterId, groupId: group?.id ?? null, at, text: input.text, author: actor.name }))) return false;
    await recordAudit(tx, actor, { action: 'marker.create', target: input.group === undefined ? input.cluster : `${input.cluster}/${input.group}`, after: { id, at: at.toISOString(), text: input.text } });
    await store.notify('lag', { cluster: input.cluster }, tx);
    return true;
  });
  if (created) return { id, at: at.toISOString() };
  const known = await findMarker(store, id);
  const same = known && known.clusterId === clusterId && known.groupId === (group?.id ?? null) && known.text === input.text && (input.at === undefined || known.at.getTime() === at.getTime());
  if (!known || !same) throw new WaybillError('idempotency-key-reused', 'This Idempotency-Key was used for another marker. Send each marker with a key of its own.', { status: 409 });
  return { id, at: known.at.toISOString() };
}

/** The key decides the id, so that the database settles which of two requests makes the marker (RFC 9562, version 8). */
function idOfKey(key: string): string {
  const bytes = createHash('sha256').update(`marker\0${key}`).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
