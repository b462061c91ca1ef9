import { partitionKey } from '#lib/brokers/port-replay.ts';
import { formatReplayRef, type LogPosition } from '#lib/model/replay.ts';
import { decideRecovery, needsScan } from '#lib/replay/decide-recovery.ts';
import type { Store } from '#lib/store/store.ts';
import type { ReplayJobRow } from '#lib/store/replays/hold-replay.ts';
import { claimedBelow, claimedPartitions, sentUpTo } from '#lib/store/replays/load-claimed-items.ts';
import { saveSent, saveUndecided, type ItemKey, type SentItem } from '#lib/store/replays/save-items.ts';
import type { ReplayRun } from './replay-work.ts';

const RECOVERY_PAGE = 5_000;

/**
 * Decides every claimed item that the ledger has not caught up with: by the job's progress at the broker, then by the target itself. Only
 * while no transaction of this worker waits for the ledger: what it just sent would look like a dead worker's.
 * @param goesOn more will be sent: positions that the broker lost are committed again
 * @returns needs-decision where something can neither be proved nor ruled out; the items say why
 */
export async function recoverReplay({ work, job, sender, signal }: ReplayRun, goesOn = true): Promise<'go' | 'needs-decision'> {
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
  if (!goesOn) return 'go';
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
