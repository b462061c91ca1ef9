import { createHash, randomUUID } from 'node:crypto';
import { recordAudit } from '#lib/access/record-audit.ts';
import { WaybillError } from '#lib/errors.ts';
import type { Principal } from '#lib/model/access.ts';
import { formatDeadLetterId, parseDeadLetterId, type ApprovalPolicy } from '#lib/model/replay.ts';
import { needsApproval } from '#lib/replay/decide-approval.ts';
import type { ReplaySchedule } from '#lib/replay/schedule.ts';
import { readFrozenSelection } from '#lib/store/replays/await-approval.ts';
import { createReplay, findDeadLetters } from '#lib/store/replays/create-replay.ts';
import { freezeSelection } from '#lib/store/replays/freeze-selection.ts';
import { addReplayEvent, type ReplaySelection } from '#lib/store/replays/hold-replay.ts';
import { saveReplayEdit, type NewReplayEdit } from '#lib/store/replays/replay-edits.ts';
import { startOf } from '#lib/store/replays/select-dead-letters.ts';
import type { Statements, Store } from '#lib/store/store.ts';
import { askBroker } from './ask-broker.ts';
import { getReplay } from './get-replay.ts';
import { dryRunSchema, type ReplayRequest, type WireDryRun, type WireReplayDetail } from './replay-wire.ts';

export interface ReplayInput {
  principal: Pick<Principal, 'name'>;
  body: ReplayRequest;
  /** Header Idempotency-Key: the same key and body answer with the same replay. */
  idempotencyKey: string | null;
  /** What the one dead letter of the selection is sent as, in place of its own bytes. */
  edit?: NewReplayEdit;
  /** Which replays wait for a second person, and for how long. */
  approval: { policy: ApprovalPolicy; forMs: number };
  /** When it starts by itself; left out: at once. */
  schedule?: ReplaySchedule | null;
  signal?: AbortSignal;
}

const DRY_RUN_TIMEOUT_MS = 30_000;

/**
 * Stores the intent to send dead letters back (or, with dryRun, says what would be sent where). The selection is frozen at the
 * newest dead letter of now; a collector sends it, where the policy asks for it only after a second person approved. Intent, audit line and event are one transaction.
 * @throws WaybillError `not-found`, `selection-empty`, `several-clusters`, `cluster-needed`, `replay-conflict` 409 (names the running
 * replay), `idempotency-key-reused` 409, and what askBroker throws for a dry run
 */
export async function replayDeadLetters(store: Store, input: ReplayInput): Promise<WireReplayDetail | WireDryRun> {
  const { body, principal, idempotencyKey } = input;
  const bodyHash = hashOf(body, input.edit);
  if (idempotencyKey !== null && !body.dryRun) {
    const earlier = await findByKey(store, idempotencyKey, bodyHash);
    if (earlier !== null) return getReplay(store, earlier);
  }
  const resolved = await resolveSelection(store, body);
  const { clusterId } = resolved;
  const selection: ReplaySelection = input.edit && 'ids' in resolved.selection ? { ...resolved.selection, edited: true } : resolved.selection;
  if (body.dryRun) {
    const [answer] = await askBroker(store, {
      clusterId,
      kind: 'replay-dry-run',
      params: { selection, target: body.target ?? null, partitioning: body.partitioning, mode: body.mode, ...(input.edit ? { edit: editToJudge(input.edit) } : {}) },
      principal: principal.name,
      timeoutMs: DRY_RUN_TIMEOUT_MS,
      ...(input.signal ? { signal: input.signal } : {}),
    });
    const run = dryRunSchema.parse(answer);
    return { ...run, awaitsApproval: needsApproval(input.approval.policy, BigInt(run.selected)) };
  }

  const id = randomUUID();
  const created = await store.transaction(async (tx) => {
    const { snapshotSeq, summary } = await freezeSelection(tx, selection, clusterId);
    const { count } = summary;
    if (count === 0n) throw new WaybillError('selection-empty', 'No dead letter matches this selection.', { status: 409 });
    const awaits = needsApproval(input.approval.policy, count);
    const approval = awaits ? { forMs: input.approval.forMs, digest: (await readFrozenSelection(tx, selection, clusterId, snapshotSeq)).digest } : null;
    const inserted = await createReplay(tx, {
      id,
      clusterId,
      selection,
      snapshotSeq,
      selected: count,
      summary: startOf(summary),
      targetTopic: body.target ?? null,
      partitioning: body.partitioning,
      ratePerSecond: body.rate ?? null,
      canary: body.canary ?? null,
      mode: body.mode,
      reason: body.reason,
      createdBy: principal.name,
      idempotencyKey,
      bodyHash,
      approval,
      schedule: input.schedule ?? null,
    });
    if (!inserted) return false;
    if (input.edit) await saveReplayEdit(tx, id, input.edit);
    await addReplayEvent(tx, id, 'created', principal.name, { selected: count.toString(), ...(awaits ? { awaitsApproval: true } : {}), ...(input.edit ? { edited: input.edit.changed } : {}) });
    await recordAudit(tx, principal, { action: 'replay.start', target: id, reason: body.reason, after: { selection, selected: count, target: body.target ?? null, partitioning: body.partitioning, mode: body.mode, ...(input.schedule ? { startAt: input.schedule.startAt, startBy: input.schedule.startBy } : {}), ...(awaits ? { awaitsApproval: true } : {}), ...(input.edit ? { edited: editForAudit(input.edit) } : {}) } });
    await store.notify('replays', { replay: id }, tx);
    return true;
  });
  // Another request with the same key was faster.
  if (!created) return getReplay(store, (await findByKey(store, idempotencyKey!, bodyHash)) ?? id);
  return getReplay(store, id);
}

function hashOf(body: ReplayRequest, edit: NewReplayEdit | undefined): Buffer {
  const hash = createHash('sha256').update(JSON.stringify(body));
  if (edit) {
    const part = (bytes: Buffer | null) => (bytes === null ? 'null' : createHash('sha256').update(bytes).digest('hex'));
    hash.update(JSON.stringify([part(edit.record.key), part(edit.record.value), edit.record.headers.map(([name, value]) => [part(name), part(value)])]));
  }
  return hash.digest();
}

/** As the request `replay-dry-run` takes it. */
function editToJudge(edit: NewReplayEdit): Record<string, unknown> {
  const { key, value, headers } = edit.record;
  return { by: edit.editedBy, originalSha256: edit.originalSha256?.toString('hex') ?? null, keyBase64: key?.toString('base64') ?? null, valueBytes: value?.length ?? null, headers: headers.map(([name, header]) => [name.toString('base64'), header?.toString('base64') ?? null]) };
}

// The bytes themselves lie in replay_edit and expire there; the audit trail does not.
function editForAudit({ changed, originalSha256, editedSha256, schemaId }: NewReplayEdit): Record<string, unknown> {
  return { changed, originalSha256: originalSha256?.toString('hex') ?? null, editedSha256: editedSha256?.toString('hex') ?? null, schemaId };
}

async function findByKey(store: Store, key: string, bodyHash: Buffer): Promise<string | null> {
  const row = await store.prisma.replay.findUnique({ where: { idempotencyKey: key }, select: { id: true, bodyHash: true } });
  if (!row) return null;
  if (!row.bodyHash || !bodyHash.equals(row.bodyHash)) {
    throw new WaybillError('idempotency-key-reused', 'This Idempotency-Key was used with another body. Use a new key for a new replay.', { status: 409, detail: { replay: row.id } });
  }
  return row.id;
}

/**
 * Which dead letters a request names, and their cluster.
 * @throws WaybillError `not-found` 404, `cluster-needed` and `several-clusters` 400, `replay-conflict` 409
 */
export async function resolveSelection(store: Store, body: Pick<ReplayRequest, 'selection' | 'overrideParked'>): Promise<{ selection: ReplaySelection; clusterId: number }> {
  const extra = body.overrideParked ? { allowParked: true } : {};
  if ('ids' in body.selection) return resolveIds(store, body.selection.ids, extra);
  const { cluster: name, ...filter } = body.selection.filter;
  const clusters = await store.prisma.cluster.findMany({ where: name === undefined ? {} : { name }, select: { id: true }, take: 2 });
  if (clusters.length === 0) throw new WaybillError('not-found', name === undefined ? 'No cluster is known yet.' : `There is no cluster "${name}".`, { status: 404 });
  if (clusters.length > 1) throw new WaybillError('cluster-needed', 'There are several clusters: name one in the filter.', { status: 400 });
  const literal = Object.fromEntries(Object.entries(filter).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ''));
  return { selection: { filter: literal, ...extra }, clusterId: clusters[0]!.id };
}

async function resolveIds(on: Statements, asked: (string | { id: string; generation: number })[], extra: { allowParked?: boolean }): Promise<{ selection: ReplaySelection; clusterId: number }> {
  const wanted = new Map(asked.map((one) => (typeof one === 'string' ? [one, null] : [one.id, one.generation])) as [string, number | null][]);
  const coordinates = [...wanted.keys()].map((id) => {
    const at = parseDeadLetterId(id);
    if (!at) throw new WaybillError('not-found', `"${id}" is no id of a dead letter.`, { status: 404, detail: { id } });
    return at;
  });
  const found = await findDeadLetters(on, coordinates);
  const known = new Map(found.map((one) => [formatDeadLetterId(one), one]));
  const missing = [...wanted.keys()].filter((id) => !known.has(id));
  if (missing.length > 0) throw new WaybillError('not-found', `${missing.length === 1 ? `The dead letter ${missing[0]} does` : `${missing.length} of the dead letters do`} not exist.`, { status: 404, detail: { ids: missing.slice(0, 20) } });
  const clusters = new Set(found.map((one) => one.clusterId));
  if (clusters.size > 1) throw new WaybillError('several-clusters', 'The dead letters lie in several clusters: replay each cluster on its own.', { status: 400 });
  const running = found.find((one) => one.openReplayId !== null);
  const conflicts = found.filter((one) => {
    const seen = wanted.get(formatDeadLetterId(one)) ?? null;
    return (seen !== null && seen !== one.generation) || (found.length === 1 && one.openReplayId !== null);
  });
  if (conflicts.length > 0) {
    const by = conflicts.find((one) => one.openReplayId !== null)?.openReplayId ?? running?.openReplayId ?? null;
    throw new WaybillError('replay-conflict', by ? `Replay ${by} is sending ${conflicts.length === 1 ? 'this dead letter' : 'some of these dead letters'} right now.` : 'Some of these dead letters were replayed since you looked. Reload and decide again.', {
      status: 409,
      detail: { replay: by, conflicts: conflicts.slice(0, 50).map((one) => ({ id: formatDeadLetterId(one), generation: one.generation, replay: one.openReplayId })) },
    });
  }
  return { selection: { ids: [...wanted].map(([id, generation]) => ({ id, generation })), ...extra }, clusterId: found[0]!.clusterId };
}
