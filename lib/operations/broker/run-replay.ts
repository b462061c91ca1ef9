import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { partitionKey, ReplaySendError, type ReplayPort, type ReplaySender } from '#lib/brokers/port-replay.ts';
import type { RecordsPort } from '#lib/brokers/port-records.ts';
import { errorText } from '#lib/errors.ts';
import { formatReplayRef, type LogPosition, type Refusal, type ReplayRecord, type ReplayTarget } from '#lib/model/replay.ts';
import { decideRecovery, needsScan } from '#lib/replay/decide-recovery.ts';
import { allowed, spend, startPace } from '#lib/replay/pace.ts';
import { prepareRecord } from '#lib/replay/prepare-record.ts';
import { nextBatchLength } from '#lib/replay/split-batches.ts';
import type { Store } from '#lib/store/store.ts';
import { claimItems } from '#lib/store/replays/claim-items.ts';
import { noteReplayError, renewReplay, ReplayLeaseLost, settleReplay, type ReplayJobRow } from '#lib/store/replays/hold-replay.ts';
import { claimedBelow, claimedPartitions, loadClaimedItems, sentUpTo, type ClaimedItem, type ItemCursor } from '#lib/store/replays/load-claimed-items.ts';
import { cancelItems, saveAnchors, saveRefused, saveSent, saveUndecided, type ItemKey, type SentItem } from '#lib/store/replays/save-items.ts';
import { knownPartitionCounts, summariseSelection } from '#lib/store/replays/select-dead-letters.ts';

// One worker, one job. What it does, in an order that must not change:
//
//   claim     a chunk of the selection becomes items, committed before any of it is sent
//   open      InitProducerId with the job's id: fences whoever ran it before and settles that worker's transaction
//   recover   OffsetFetch (requireStable); items the ledger has not caught up with are decided by progress, then by the target itself
//   anchor    before the first send ever: the target's ends are saved, then a starting position is committed for every DLQ partition
//   batch     refusals are stored, then records and progress go in one transaction, then the ledger says so
//
// Killed anywhere, the next worker starts over at "open" and ends with each record exactly once in the target.

/** Where tests end or hold the process. */
export type Failpoint = 'opened' | 'anchored' | 'claimed' | 'refused' | 'before-commit' | 'committed' | 'saved';

export interface ReplayWork {
  store: Store;
  broker: ReplayPort & Pick<RecordsPort, 'readMessage'>;
  /** host:pid of this process. */
  holder: string;
  leaseMs: number;
  /** The broker ends a silent worker's transaction after this time. */
  transactionTimeoutMs: number;
  /** How long recovery waits for another application's open transaction in the target. */
  scanTimeoutMs: number;
  /** Items claimed at once, and records in one transaction. */
  chunkSize: number;
  batchSize: number;
  /** Headers that a dialect's dead letters lose on the way back. */
  headersToStrip: (dialect: string | null) => readonly string[];
  signal: AbortSignal;
  /** Tests only. */
  failpoint?: (point: Failpoint) => Promise<void>;
}

/**
 * finished, paused, canary, cancelled, needs-decision: the job's state now. dropped: another worker has it. stopped: this process ends.
 * again: something failed whose outcome only recovery can tell; run the job again after a pause.
 */
export type ReplayRunEnd = 'finished' | 'paused' | 'canary' | 'cancelled' | 'needs-decision' | 'dropped' | 'stopped' | 'again';

const MAX_TRANSACTION_BYTES = 4_000_000;
const LOAD_BYTES = 16_000_000;
const RECOVERY_PAGE = 5_000;
const CONTROL_EVERY_MS = 200;

/** Runs a job until it needs no worker any more, another worker takes over, or the signal aborts. Never throws for what the broker or the store did. */
export async function runReplay(work: ReplayWork, job: ReplayJobRow): Promise<ReplayRunEnd> {
  const { store, holder } = work;
  const lost = new AbortController();
  const renewal = setInterval(() => {
    renewReplay(store, job.id, holder, work.leaseMs).then((row) => row ?? lost.abort(), () => undefined);
  }, work.leaseMs / 3);
  const held: { sender: ReplaySender | null } = { sender: null };
  try {
    if (job.wanted === 'cancel') return await cancel(work, job);
    held.sender = await open(work, job);
    await work.failpoint?.('opened');
    return await send(work, job, held as { sender: ReplaySender }, AbortSignal.any([work.signal, lost.signal]));
  } catch (error) {
    if (error instanceof ReplayLeaseLost || lost.signal.aborted) return 'dropped';
    if (work.signal.aborted) return 'stopped';
    if (error instanceof ReplaySendError && error.kind === 'fenced') return 'dropped';
    if (error instanceof ReplaySendError && error.kind === 'denied') {
      await settleReplay(store, job.id, holder, 'needs-decision', { error: error.message, event: 'denied' }).catch(() => undefined);
      return 'needs-decision';
    }
    await noteReplayError(store, job.id, holder, errorText(error)).catch(() => undefined);
    return 'again';
  } finally {
    clearInterval(renewal);
    await held.sender?.close();
  }
}

function open(work: ReplayWork, job: ReplayJobRow): Promise<ReplaySender> {
  const { failpoint } = work;
  return work.broker.openReplay({ replayId: job.id, mode: job.mode, transactionTimeoutMs: work.transactionTimeoutMs }, failpoint ? { beforeCommit: () => failpoint('before-commit') } : {});
}

async function send(work: ReplayWork, first: ReplayJobRow, held: { sender: ReplaySender }, signal: AbortSignal): Promise<ReplayRunEnd> {
  const { store, holder, broker } = work;
  let job = first;
  // The selection is only asked at the very start: a filter by state no longer matches what the job itself has moved on.
  const selection = job.anchors === null ? await summariseSelection(store, job.selection, job.clusterId, job.snapshotSeq) : null;
  const topics = job.targetTopic !== null ? [job.targetTopic] : [...new Set(selection?.originTopics.flatMap(({ topic }) => topic ?? []) ?? job.anchors!.targetEnds.map(({ topic }) => topic))];
  const targets = await broker.describeReplayTargets(topics);
  const locked = [...targets.values()].find((target) => target.writable === false);
  if (locked) throw new ReplaySendError('denied', `Waybill may not write to ${locked.topic}. Grant WRITE on the topic to its principal.`);
  const countsBefore = await knownPartitionCounts(store, job.clusterId);

  if (selection !== null) {
    const ends = await broker.readEndOffsets(topics);
    const anchors = { start: selection.start.map(wirePosition), targetEnds: ends.map(wirePosition) };
    await saveAnchors(store, job.id, holder, anchors);
    job = { ...job, anchors };
    await commitStart(held.sender, selection.start);
    await work.failpoint?.('anchored');
  } else if ((await recover(work, job, held.sender, signal)) === 'needs-decision') {
    return await undecided(work, job);
  }

  let cursor: ItemCursor | null = null;
  let queue: ClaimedItem[] = [];
  let loading: Promise<ClaimedItem[]> | null = null;
  let saving: Promise<void> = Promise.resolve();
  let pace = job.ratePerSecond === null ? null : startPace(job.ratePerSecond, performance.now());
  let askedAt = 0;
  let lone = 0; // records of a refused partition still to be sent one by one
  const load = (): Promise<ClaimedItem[]> => loadClaimedItems(store, job.id, cursor, { limit: work.batchSize, maxBytes: LOAD_BYTES });

  try {
    for (;;) {
      if (signal.aborted) throw signal.reason;
      if (performance.now() - askedAt >= CONTROL_EVERY_MS) {
        await saving;
        const row = await renewReplay(store, job.id, holder, work.leaseMs);
        if (!row) throw new ReplayLeaseLost(job.id);
        job = row;
        askedAt = performance.now();
        if (job.wanted === 'cancel') return await cancel(work, job);
        if (job.wanted === 'pause') {
          await settleReplay(store, job.id, holder, 'paused', { event: 'paused', detail: { sent: job.sent.toString() } });
          return 'paused';
        }
      }

      if (queue.length === 0) {
        queue = await (loading ?? load());
        loading = null;
        if (queue.length === 0) {
          await saving;
          if (job.claimComplete) {
            await settleReplay(store, job.id, holder, 'finished', { event: 'finished' });
            return 'finished';
          }
          const chunk = await claimItems(store, job, holder, work.chunkSize);
          await work.failpoint?.('claimed');
          job = { ...job, claimComplete: chunk.complete, claimCursor: chunk.cursor };
          // A ledger restored from a backup claims what progress has passed long ago.
          if ((await recover(work, job, held.sender, signal)) === 'needs-decision') return await undecided(work, job);
          continue;
        }
        const end = queue.at(-1)!;
        cursor = { topicId: end.topicId, partition: end.partition, offset: end.offset };
        loading = load();
        loading.catch(() => undefined); // awaited above; meanwhile it must not count as unhandled
      }

      // Without transactions records go one at a time, so that a refusal or a crash concerns one.
      let most = lone > 0 || job.mode === 'at-least-once' ? 1 : work.batchSize;
      if (job.canary !== null) {
        await saving;
        const left = job.canary - Number(job.sent);
        if (left <= 0) {
          await settleReplay(store, job.id, holder, 'canary', { event: 'canary-sent', detail: { sent: job.sent.toString() } });
          return 'canary';
        }
        most = Math.min(most, left);
      }
      if (pace !== null && job.ratePerSecond !== null) {
        const { records, waitMs } = allowed(pace, job.ratePerSecond, performance.now());
        if (waitMs > 0) {
          await delay(Math.min(waitMs, 1_000), undefined, { signal });
          continue;
        }
        most = Math.min(most, records);
      }

      const prepared = await prepare(work, job, queue.slice(0, most), targets, countsBefore);
      const length = nextBatchLength(prepared.map((one) => one.record), { maxBatchBytes: (topic) => targets.get(topic)?.maxBatchBytes ?? 0, maxTransactionBytes: MAX_TRANSACTION_BYTES, maxRecords: most });
      const batch = prepared.slice(0, length);
      const refusals = batch.flatMap(({ item, refusal }) => (refusal ? [{ ...keyOf(item), refusal }] : []));
      if (refusals.length > 0) {
        await saving;
        await saveRefused(store, job.id, holder, refusals);
        await work.failpoint?.('refused');
      }
      const sendable = batch.filter((one): one is typeof one & { record: ReplayRecord } => one.record !== null);
      const outcome = await held.sender.send(sendable.map((one) => one.record), positionsAfter(batch.map((one) => one.item)));
      if (outcome.kind === 'refused') {
        // The producer that saw the refusal has lost count of its sequence numbers: a new one goes on, from the lease that is still ours.
        await saving;
        const suspects = outcome.suspects.map((index) => sendable[index]!);
        if (suspects.length === 1) {
          await saveRefused(store, job.id, holder, [{ ...keyOf(suspects[0]!.item), refusal: { code: outcome.code, detail: { message: outcome.message } } }]);
          queue = queue.filter((item) => item !== suspects[0]!.item);
        } else {
          lone = sendable.length;
        }
        if (!(await renewReplay(store, job.id, holder, work.leaseMs))) throw new ReplayLeaseLost(job.id);
        await held.sender.close();
        held.sender = await open(work, job);
        continue;
      }
      await work.failpoint?.('committed');

      queue = queue.slice(length);
      lone = Math.max(0, lone - sendable.length);
      if (pace !== null && job.ratePerSecond !== null) pace = spend(pace, job.ratePerSecond, sendable.length, performance.now());
      job = { ...job, sent: job.sent + BigInt(sendable.length) };
      await saving; // at most one save under way: the next transaction goes out while it is written
      const done = sendable.map(({ item, record }, index): SentItem => ({ ...keyOf(item), targetTopic: record.topic, targetPartition: record.partition, targetOffset: outcome.offsets[index]! }));
      saving = saveSent(store, job.id, holder, done).then(() => work.failpoint?.('saved'));
      saving.catch(() => undefined); // awaited before the next one
    }
  } finally {
    await Promise.allSettled([saving, loading]);
  }
}

interface PreparedItem {
  item: ClaimedItem;
  record: ReplayRecord | null;
  refusal: Refusal | null;
}

async function prepare(work: ReplayWork, job: ReplayJobRow, items: readonly ClaimedItem[], targets: ReadonlyMap<string, ReplayTarget>, countsBefore: ReadonlyMap<string, number>): Promise<PreparedItem[]> {
  const prepared: PreparedItem[] = [];
  for (const item of items) {
    const replayRef = formatReplayRef(job.id, item, item.generation);
    const outcome = prepareRecord({
      item: {
        offset: item.offset,
        originTopic: item.originTopic,
        originPartition: item.originPartition,
        originTimestampMs: item.originTimestamp === null ? null : BigInt(item.originTimestamp.getTime()),
        body: item.body?.valueByReference ? await readAgain(work, item) : item.body,
      },
      replayRef,
      traceparent: traceparentOf(replayRef),
      strip: work.headersToStrip(item.dialect),
      targetTopic: job.targetTopic,
      partitioning: job.partitioning,
      targets,
      partitionCountBefore: (topic) => countsBefore.get(topic),
      allowParked: job.allowParked,
    });
    prepared.push(outcome.kind === 'record' ? { item, record: outcome.record, refusal: null } : { item, record: null, refusal: outcome.refusal });
  }
  return prepared;
}

// Values too large to copy stay with the broker; where retention has taken the record it cannot be sent.
async function readAgain(work: ReplayWork, item: ClaimedItem): Promise<{ key: Buffer | null; value: Buffer | null; headers: [Buffer, Buffer | null][] } | null> {
  const { record, failure } = await work.broker.readMessage({ topic: item.dlqTopic, partition: item.partition, offset: item.offset });
  if (failure) throw new Error(`${item.dlqTopic} partition ${item.partition} offset ${item.offset} cannot be read again: ${failure.message}`);
  if (!record) return null;
  const bytes = (array: Uint8Array | null) => (array === null ? null : Buffer.from(array));
  return { key: bytes(record.key), value: bytes(record.value), headers: record.headers.map(([name, value]) => [Buffer.from(name), bytes(value)]) };
}

/** The trace a replayed record starts: made from its replay-id, so that it can be found again without being stored. */
export function traceparentOf(replayRef: string): string {
  const hash = createHash('sha256').update(replayRef).digest('hex');
  return `00-${hash.slice(0, 32)}-${hash.slice(32, 48)}-01`;
}

async function recover(work: ReplayWork, job: ReplayJobRow, sender: ReplaySender, signal: AbortSignal): Promise<'go' | 'needs-decision'> {
  const { store, holder } = work;
  const partitions = await claimedPartitions(store, job.id);
  if (partitions.length === 0) return 'go';
  const progress = await sender.readProgress(partitions);
  const behind = partitions
    .map((at) => ({ ...at, progress: progress.get(partitionKey(at.topic, at.partition)) ?? null }))
    .filter((at) => needsScan(job.mode, [{ progress: at.progress, offset: at.first }]));
  if (behind.length === 0) return 'go';

  const scan = await work.broker.scanForReplay({ replayId: job.id, from: await scanStart(store, job), timeoutMs: work.scanTimeoutMs }, signal);
  let undecidedItems = 0;
  for (const at of behind) {
    let after = -1n;
    for (;;) {
      const page = await claimedBelow(store, job.id, at.topicId, at.partition, after, job.mode === 'at-least-once' ? null : at.progress, RECOVERY_PAGE);
      const sent: SentItem[] = [];
      const open: (ItemKey & { why: string })[] = [];
      for (const { offset, generation } of page) {
        const key = { topicId: at.topicId, partition: at.partition, offset, generation };
        const found = scan.found.get(formatReplayRef(job.id, key, generation)) ?? null;
        const decision = decideRecovery({ mode: job.mode, progress: at.progress, offset, found, scanComplete: scan.complete });
        if (decision.kind === 'sent') sent.push({ ...key, targetTopic: decision.at?.topic ?? null, targetPartition: decision.at?.partition ?? null, targetOffset: decision.at?.offset ?? null });
        if (decision.kind === 'needs-decision') open.push({ ...key, why: scan.reason === null ? decision.why : `${decision.why}: ${scan.reason}` });
      }
      await saveSent(store, job.id, holder, sent);
      await saveUndecided(store, job.id, holder, open);
      undecidedItems += open.length;
      if (page.length < RECOVERY_PAGE) break;
      after = page.at(-1)!.offset;
    }
  }
  if (undecidedItems > 0) return 'needs-decision';
  // Absence must always mean "gone": where the broker lost the position, it gets one again before anything is sent.
  const left = await claimedPartitions(store, job.id);
  const gone = left.filter((at) => progress.get(partitionKey(at.topic, at.partition)) === null);
  if (job.mode === 'exactly-once' && gone.length > 0) await sender.commitPositions(gone.map((at) => ({ topic: at.topic, partition: at.partition, offset: at.first })));
  return 'go';
}

async function scanStart(store: Store, job: ReplayJobRow): Promise<LogPosition[]> {
  const from = new Map((job.anchors?.targetEnds ?? []).map((at) => [partitionKey(at.topic, at.partition), { topic: at.topic, partition: at.partition, offset: BigInt(at.offset) }]));
  for (const at of await sentUpTo(store, job.id)) {
    const known = from.get(partitionKey(at.topic, at.partition));
    if (!known || known.offset < at.offset) from.set(partitionKey(at.topic, at.partition), at);
  }
  return [...from.values()];
}

async function commitStart(sender: ReplaySender, start: readonly LogPosition[]): Promise<void> {
  if (start.length > 0) await sender.commitPositions(start);
}

async function undecided(work: ReplayWork, job: ReplayJobRow): Promise<ReplayRunEnd> {
  await settleReplay(work.store, job.id, work.holder, 'needs-decision', { error: 'Whether some records were sent cannot be proved.', event: 'needs-decision' });
  return 'needs-decision';
}

async function cancel(work: ReplayWork, job: ReplayJobRow): Promise<ReplayRunEnd> {
  // The ledger may lag behind a transaction of a killed worker: what it sent must not be called cancelled.
  const partitions = await claimedPartitions(work.store, job.id);
  if (job.anchors !== null && partitions.length > 0) {
    const sender = await open(work, job);
    try {
      await recover(work, job, sender, work.signal);
    } finally {
      await sender.close();
    }
  }
  const cancelled = await cancelItems(work.store, job.id, work.holder);
  await settleReplay(work.store, job.id, work.holder, 'cancelled', { event: 'cancelled', detail: { cancelled } });
  return 'cancelled';
}

function positionsAfter(items: readonly ClaimedItem[]): LogPosition[] {
  const positions = new Map<string, LogPosition>();
  for (const item of items) positions.set(partitionKey(item.dlqTopic, item.partition), { topic: item.dlqTopic, partition: item.partition, offset: item.offset + 1n });
  return [...positions.values()];
}

function keyOf({ topicId, partition, offset, generation }: ClaimedItem): ItemKey {
  return { topicId, partition, offset, generation };
}

function wirePosition(at: LogPosition): { topic: string; partition: number; offset: string } {
  return { topic: at.topic, partition: at.partition, offset: at.offset.toString() };
}
