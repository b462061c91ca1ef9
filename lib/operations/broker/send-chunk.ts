import { setTimeout as delay } from 'node:timers/promises';
import { partitionKey } from '#lib/brokers/port-replay.ts';
import type { DeadLetterCoordinate, LogPosition } from '#lib/model/replay.ts';
import { allowed, spend, type Pace } from '#lib/replay/pace.ts';
import { nextTransaction } from '#lib/replay/split-batches.ts';
import { renewReplay, ReplayLeaseLost } from '#lib/store/replays/hold-replay.ts';
import { saveRefused, saveSent, type ItemKey, type SentItem } from '#lib/store/replays/save-items.ts';
import { feedItems } from './feed-items.ts';
import type { PreparedItem, Targets } from './prepare-items.ts';
import { openSender, type ReplayRun } from './replay-work.ts';

const MAX_TRANSACTION_BYTES = 4_000_000;

/** How the sending of a chunk goes on from one to the next. */
export interface SendState {
  /** Records sent by the job so far, those included whose ledger entry is still being written. */
  sent: number;
  /** null: as fast as it goes. */
  pace: Pace | null;
}

type Sendable = Extract<PreparedItem, { refusal: null }>;

/**
 * Sends the claimed items up to `upTo`: refusals are stored, then records and progress go in one transaction, then the ledger says so. The
 * ledger of a batch is written while the next transaction is under way; never more than one committed batch waits for it.
 * @returns sent: nothing of the chunk is left and the ledger knows it. Otherwise what a person wants, or that the canary is out.
 */
export async function sendChunk(run: ReplayRun, state: SendState, upTo: DeadLetterCoordinate, targets: Targets): Promise<'sent' | 'cancel' | 'pause' | 'canary'> {
  const { work, signal } = run;
  const { store, holder } = work;
  const { id, mode, canary, ratePerSecond } = run.job;
  const feed = feedItems(work, run.job, upTo, targets);
  let queue: PreparedItem[] = [];
  let drained = false;
  let saving: Promise<void> = Promise.resolve();
  // After a refusal that does not name its record: so many are sure to be good, so many after them are sent one by one.
  let good = 0;
  let lone = 0;
  const ended = <End>(end: End): Promise<End> => saving.then(() => end);

  try {
    for (;;) {
      signal.throwIfAborted();
      if (run.job.wanted !== 'run') return await ended(run.job.wanted);
      // Without transactions records go one at a time, so that a refusal or a crash concerns one.
      let most = mode === 'at-least-once' || (good === 0 && lone > 0) ? 1 : good > 0 ? Math.min(good, work.batchSize) : work.batchSize;
      if (canary !== null) {
        if (state.sent >= canary && queue.length > 0) return await ended('canary');
        most = Math.min(most, Math.max(1, canary - state.sent));
      }
      if (state.pace !== null && ratePerSecond !== null) {
        const { records, waitMs } = allowed(state.pace, ratePerSecond, performance.now());
        if (waitMs > 0) {
          await delay(Math.min(waitMs, 1_000), undefined, { signal });
          continue;
        }
        most = Math.min(most, records);
      }

      const batches = nextTransaction(queue.slice(0, most).map((one) => one.record), { maxBatchBytes: (topic) => targets.now.get(topic)?.maxBatchBytes ?? 0, maxTransactionBytes: MAX_TRANSACTION_BYTES, maxRecords: most });
      const length = batches.reduce((sum, one) => sum + one, 0);
      if (length === queue.length && length < most && !drained) {
        // A transaction of the last few records of a load costs as much as a full one.
        const items = await feed.next();
        drained = items.length === 0;
        queue = queue.concat(items);
        continue;
      }
      if (length === 0) return await ended('sent');
      const batch = queue.slice(0, length);
      const refusals = batch.flatMap(({ item, refusal }) => (refusal ? [{ ...keyOf(item), refusal }] : []));
      if (refusals.length > 0) {
        await saving;
        await saveRefused(store, id, holder, refusals);
        await work.failpoint?.('refused');
      }
      const sendable = batch.filter((one): one is Sendable => one.record !== null);
      const outcome = await run.sender.send(sendable.map((one) => one.record), positionsAfter(batch), requestsOf(batch, batches));
      if (outcome.kind === 'refused') {
        // The producer that saw the refusal has lost count of its sequence numbers: a new one goes on, from the lease that is still ours.
        await saving;
        const suspects = outcome.suspects.map((index) => sendable[index]!);
        if (suspects.length === 1) {
          await saveRefused(store, id, holder, [{ ...keyOf(suspects[0]!.item), refusal: { code: outcome.code, detail: { message: outcome.message } } }]);
          queue = queue.filter((one) => one !== suspects[0]);
        } else {
          good = outcome.suspects[0]!;
          lone = outcome.suspects.at(-1)! + 1 - good;
        }
        if (!(await renewReplay(store, id, holder, work.leaseMs))) throw new ReplayLeaseLost(id);
        await run.sender.close();
        run.sender = await openSender(work, run.job);
        continue;
      }
      await work.failpoint?.('committed');

      queue = queue.slice(length);
      const wereGood = Math.min(good, sendable.length);
      good -= wereGood;
      lone = Math.max(0, lone - (sendable.length - wereGood));
      state.sent += sendable.length;
      if (state.pace !== null && ratePerSecond !== null) state.pace = spend(state.pace, ratePerSecond, sendable.length, performance.now());
      await saving; // at most one save under way
      const done = sendable.map(({ item, record }, index): SentItem => ({ ...keyOf(item), targetTopic: record.topic, targetPartition: record.partition, targetOffset: outcome.offsets[index]! }));
      saving = saveSent(store, id, holder, done).then(() => work.failpoint?.('saved'));
      saving.catch(() => undefined); // awaited before the next one
    }
  } finally {
    await Promise.allSettled([saving, feed.end()]); // what was committed is written down, whatever ended the loop
  }
}

function positionsAfter(batch: readonly PreparedItem[]): LogPosition[] {
  const positions = new Map<string, LogPosition>();
  for (const { item } of batch) positions.set(partitionKey(item.dlqTopic, item.partition), { topic: item.dlqTopic, partition: item.partition, offset: item.offset + 1n });
  return [...positions.values()];
}

/** How many records each request has: what is refused is passed and not sent. */
function requestsOf(batch: readonly PreparedItem[], lengths: readonly number[]): number[] {
  let at = 0;
  return lengths.map((length) => batch.slice(at, (at += length)).filter((one) => one.record !== null).length);
}

function keyOf({ topicId, partition, offset, generation }: PreparedItem['item']): ItemKey {
  return { topicId, partition, offset, generation };
}
