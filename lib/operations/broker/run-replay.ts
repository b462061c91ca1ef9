import { setTimeout as delay } from 'node:timers/promises';
import { ReplaySendError } from '#lib/brokers/port-replay.ts';
import { errorText } from '#lib/errors.ts';
import { startPace } from '#lib/replay/pace.ts';
import { claimItems, type ClaimedChunk } from '#lib/store/replays/claim-items.ts';
import { noteReplayError, renewReplay, ReplayLeaseLost, settleReplay, type ClaimCursor, type ReplayJobRow } from '#lib/store/replays/hold-replay.ts';
import type { ClaimAhead } from '#lib/store/replays/look-ahead.ts';
import { claimedPartitions } from '#lib/store/replays/load-claimed-items.ts';
import { cancelItems } from '#lib/store/replays/save-items.ts';
import { anchorReplay } from './anchor-replay.ts';
import { recoverReplay } from './recover-replay.ts';
import { openSender, type ReplayRun, type ReplayRunEnd, type ReplayWork } from './replay-work.ts';
import { sendChunk, type SendState } from './send-chunk.ts';

// One worker, one job. What it does, in an order that must not change:
//
//   open      InitProducerId with the job's id: fences whoever ran it before and settles that worker's transaction
//   recover   OffsetFetch (requireStable); items the ledger has not caught up with are decided by progress, then by the target itself
//   anchor    before the first send ever: the target's ends are saved, then a starting position is committed for every DLQ partition
//   claim     a chunk of the selection becomes items, committed before any of it is sent; the next one while this one is sent
//   recover   again for each chunk: a ledger restored from a backup claims what progress has passed long ago
//   batch     refusals are stored, then records and progress go in one transaction, then the ledger says so (send-chunk.ts)
//
// Killed anywhere, the next worker starts over at "open" and ends with each record exactly once in the target.

const LOOK_EVERY_MS = 200;
const ASK_AGAIN_MS = 2_000;
/** Nothing is sent before the first chunk is claimed, and a person is watching. The next is claimed while it is sent. */
const FIRST_CHUNK = 1_000;

/** Runs a job until it needs no worker any more, another worker takes over, or the signal aborts. Never throws for what the broker or the store did. */
export async function runReplay(work: ReplayWork, job: ReplayJobRow): Promise<ReplayRunEnd> {
  const { store, holder } = work;
  const lost = new AbortController();
  const done = new AbortController();
  let run: ReplayRun | null = null;
  const watching = watchJob(work, job.id, done.signal, (row) => {
    if (row === null) lost.abort(new ReplayLeaseLost(job.id));
    else if (run) run.job = row;
  });
  try {
    if (job.wanted === 'cancel') return await cancel(work, job);
    run = { work, job, sender: await openSender(work, job), signal: AbortSignal.any([work.signal, lost.signal]) };
    await work.failpoint?.('opened');
    return await send(run);
  } catch (error) {
    if (error instanceof ReplayLeaseLost || lost.signal.aborted) return 'dropped';
    if (work.signal.aborted) return 'stopped';
    if (error instanceof ReplaySendError && error.kind === 'fenced') return 'dropped';
    if (error instanceof ReplaySendError && error.kind === 'denied') {
      await settleReplay(store, job.id, holder, 'needs-decision', { error: error.message, event: 'denied' }).catch(() => undefined);
      return 'needs-decision';
    }
    const gone = await goneTopics(work, run?.job ?? job).catch(() => []);
    if (gone.length > 0) {
      await settleReplay(store, job.id, holder, 'needs-decision', { error: sayGone(gone), event: 'topic-gone', detail: { topics: gone } }).catch(() => undefined);
      return 'needs-decision';
    }
    await noteReplayError(store, job.id, holder, errorText(error)).catch(() => undefined);
    return 'again';
  } finally {
    done.abort();
    await watching;
    await run?.sender.close();
  }
}

// Renews the lease and hears what a person wants, beside the sending. An answer that does not come is asked for again: the lease is longer.
async function watchJob(work: ReplayWork, id: string, until: AbortSignal, onRow: (row: ReplayJobRow | null) => void): Promise<void> {
  while (!until.aborted) {
    await new Promise<void>((resolve) => {
      const end = () => (clearTimeout(timer), until.removeEventListener('abort', end), resolve());
      const timer = setTimeout(end, LOOK_EVERY_MS);
      until.addEventListener('abort', end);
    });
    if (until.aborted) return;
    const row = await renewReplay(work.store, id, work.holder, work.leaseMs).catch(() => undefined);
    if (row !== undefined && !until.aborted) onRow(row);
    if (row === null) return;
  }
}

async function send(run: ReplayRun): Promise<ReplayRunEnd> {
  const { work } = run;
  const { store, holder } = work;
  const { id } = run.job;
  const targets = await anchorReplay(run);
  if (targets === 'needs-decision') return await undecided(run);

  const state: SendState = { sent: 0, pace: run.job.ratePerSecond === null ? null : startPace(run.job.ratePerSecond, performance.now()) };
  let claimed: { complete: boolean; cursor: ClaimCursor | null } = { complete: run.job.claimComplete, cursor: run.job.claimCursor };
  const ahead: ClaimAhead = { keys: [], exhausted: false };
  let claiming: Promise<ClaimedChunk> | null = null;
  try {
    for (;;) {
      const { complete, cursor } = claimed;
      if (!complete) {
        const items = cursor === null ? Math.min(FIRST_CHUNK, work.chunkSize) : work.chunkSize;
        claiming = claimItems(store, { ...run.job, claimCursor: cursor }, holder, items, ahead).then(async (chunk) => (await work.failpoint?.('claimed'), chunk));
        claiming.catch(() => undefined); // awaited below
      }
      if (cursor !== null) {
        state.sent = Number((await current(run)).sent); // recovery may have found some
        const end = await sendChunk(run, state, { ...cursor, offset: BigInt(cursor.offset) }, targets);
        if (end !== 'sent') {
          await claiming?.catch(() => undefined); // what it claims is there for the next worker, or to be cancelled
          if (end === 'cancel') return await cancel(work, run.job);
          await settleReplay(store, id, holder, end === 'pause' ? 'paused' : 'canary', { event: end === 'pause' ? 'paused' : 'canary-sent', detail: { sent: String(state.sent) } });
          return end === 'pause' ? 'paused' : 'canary';
        }
      }
      if (claiming === null) {
        await settleReplay(store, id, holder, 'finished', { event: 'finished' });
        return 'finished';
      }
      claimed = await claiming;
      claiming = null;
      if ((await recoverReplay(run)) === 'needs-decision') return await undecided(run);
    }
  } finally {
    await claiming?.catch(() => undefined);
  }
}

/** Dead-letter topics of the job that are not there any more: its progress is kept as offsets on them, so that no transaction of it can be committed. */
async function goneTopics({ broker, signal }: ReplayWork, { anchors, summary }: ReplayJobRow): Promise<string[]> {
  const missing = await broker.missingTopics([...new Set((anchors ?? summary)?.start.map((at) => at.topic))]);
  if (missing.length === 0) return [];
  // A broker that has just started may not have heard of all topics.
  await delay(ASK_AGAIN_MS, undefined, { signal });
  return broker.missingTopics(missing);
}

function sayGone(topics: readonly string[]): string {
  const names = topics.slice(0, 3).join(', ') + (topics.length > 3 ? ' …' : '');
  return `${names} ${topics.length === 1 ? 'does' : 'do'} not exist any more, and the progress of a replay is kept on its dead-letter ${topics.length === 1 ? 'topic' : 'topics'}. Create ${topics.length === 1 ? 'it' : 'them'} again, empty and with as many partitions, and let the replay go on: it sends the bytes that are stored here. Or end it.`;
}

async function current(run: ReplayRun): Promise<ReplayJobRow> {
  const row = await renewReplay(run.work.store, run.job.id, run.work.holder, run.work.leaseMs);
  if (!row) throw new ReplayLeaseLost(run.job.id);
  return (run.job = row);
}

async function undecided({ work, job }: ReplayRun): Promise<ReplayRunEnd> {
  await settleReplay(work.store, job.id, work.holder, 'needs-decision', { error: 'Whether some records were sent cannot be proved.', event: 'needs-decision' });
  return 'needs-decision';
}

async function cancel(work: ReplayWork, job: ReplayJobRow): Promise<ReplayRunEnd> {
  // The ledger may lag behind a transaction of a killed worker: what it sent must not be called cancelled.
  const partitions = await claimedPartitions(work.store, job.id);
  if (job.anchors !== null && partitions.length > 0) {
    const sender = await openSender(work, job);
    try {
      await recoverReplay({ work, job, sender, signal: work.signal }, false);
    } finally {
      await sender.close();
    }
  }
  const cancelled = await cancelItems(work.store, job.id, work.holder);
  await settleReplay(work.store, job.id, work.holder, 'cancelled', { event: 'cancelled', detail: { cancelled } });
  return 'cancelled';
}
