import { createHash, randomUUID } from 'node:crypto';
import { recordAudit } from '#lib/access/record-audit.ts';
import { WaybillError } from '#lib/errors.ts';
import type { Principal } from '#lib/model/access.ts';
import { createArchive } from '#lib/store/dead-letters/archive-rows.ts';
import { currentSnapshot } from '#lib/store/replays/create-replay.ts';
import { summariseSelection } from '#lib/store/replays/select-dead-letters.ts';
import type { Store } from '#lib/store/store.ts';
import type { ArchiveRequest, WireArchive } from './archive-wire.ts';
import { getArchive } from './list-archives.ts';
import { resolveSelection } from './replay-dead-letters.ts';
import { runArchive } from './run-archive.ts';

export interface ArchiveInput {
  principal: Pick<Principal, 'name'>;
  body: ArchiveRequest;
  /** Header Idempotency-Key: the same key and body answer with the same archive. */
  idempotencyKey: string | null;
  now: () => Date;
  signal?: AbortSignal;
}

/** What a request does itself (about a second of work); a collector does the rest. */
const CHUNKS_AT_ONCE = 5;

/**
 * Puts dead letters aside with a reason, or takes them back. The selection is frozen now; intent and audit line are one transaction, the rows
 * follow in chunks. A few thousand are done when this answers; with more the answer is "running" and a collector goes on.
 * @throws WaybillError `selection-empty` 409, `restore-needs-archived` 400, `idempotency-key-reused` 409, and what resolveSelection throws
 */
export async function archiveDeadLetters(store: Store, input: ArchiveInput): Promise<WireArchive> {
  const { body, principal, idempotencyKey } = input;
  const bodyHash = createHash('sha256').update(JSON.stringify(body)).digest();
  const earlier = idempotencyKey === null ? null : await findByKey(store, idempotencyKey, bodyHash);
  if (earlier !== null) return getArchive(store, earlier);
  const { selection, clusterId } = await resolveSelection(store, { selection: selectionOf(body), overrideParked: false });
  const id = randomUUID();
  const created = await store.transaction(async (tx) => {
    const snapshotSeq = await currentSnapshot(tx);
    const { count } = await summariseSelection(tx, selection, clusterId, snapshotSeq);
    // The request with the same key that was faster may have archived them all.
    if (count === 0n && idempotencyKey !== null && (await findByKey(store, idempotencyKey, bodyHash)) !== null) return false;
    if (count === 0n) throw new WaybillError('selection-empty', body.verb === 'archive' ? 'No dead letter matches this selection.' : 'No archived dead letter matches this selection.', { status: 409 });
    if (!(await createArchive(tx, { id, clusterId, verb: body.verb, selection, snapshotSeq, selected: count, reason: body.reason, createdBy: principal.name, createdAt: input.now(), idempotencyKey, bodyHash }))) return false;
    await recordAudit(tx, principal, { action: `dead-letters.${body.verb}`, target: id, reason: body.reason, after: { selection, selected: count } });
    return true;
  });
  // Another request with the same key was faster.
  if (!created) return getArchive(store, (await findByKey(store, idempotencyKey!, bodyHash)) ?? id);
  await runArchive(store, id, { now: input.now, maxChunks: CHUNKS_AT_ONCE, ...(input.signal ? { signal: input.signal } : {}) });
  return getArchive(store, id);
}

/** What is taken back is archived, whether the filter says so or not. */
function selectionOf(body: ArchiveRequest): ArchiveRequest['selection'] {
  if (body.verb === 'archive' || 'ids' in body.selection) return body.selection;
  const { state = 'archived', ...filter } = body.selection.filter;
  if (state !== 'archived') throw new WaybillError('restore-needs-archived', `Only archived dead letters can be taken out of the archive, not those in the state "${state}".`, { status: 400 });
  return { filter: { ...filter, state } };
}

async function findByKey(store: Store, key: string, bodyHash: Buffer): Promise<string | null> {
  const row = await store.prisma.archive.findUnique({ where: { idempotencyKey: key }, select: { id: true, bodyHash: true } });
  if (!row) return null;
  if (!row.bodyHash || !bodyHash.equals(row.bodyHash)) throw new WaybillError('idempotency-key-reused', 'This Idempotency-Key was used with another body. Use a new key for another archive.', { status: 409, detail: { archive: row.id } });
  return row.id;
}
