import { partitionKey, type ReplayPort } from '#lib/brokers/port-replay.ts';
import type { Store } from '#lib/store/store.ts';
import { addReplayEvent, asHolder, releaseReplay, type ReplayJobRow } from '#lib/store/replays/hold-replay.ts';

/**
 * Commits the positions of a resting job again, as they are: a group without members loses its offsets after
 * `offsets.retention.minutes` (7 days), and with them the proof of what was sent. Through a transaction of the job's own
 * producer, so that a worker that was forgotten somewhere is fenced.
 */
export async function keepReplayPositions(work: { store: Store; broker: ReplayPort; holder: string; transactionTimeoutMs: number }, job: ReplayJobRow): Promise<void> {
  const { store, holder } = work;
  const sender = await work.broker.openReplay({ replayId: job.id, mode: job.mode, transactionTimeoutMs: work.transactionTimeoutMs });
  try {
    const partitions = job.anchors?.start ?? [];
    const progress = await sender.readProgress(partitions);
    const known = partitions.flatMap(({ topic, partition }) => {
      const offset = progress.get(partitionKey(topic, partition)) ?? null;
      return offset === null ? [] : [{ topic, partition, offset }]; // what is gone already stays gone: recovery must see it
    });
    if (known.length > 0) await sender.commitPositions(known);
    await asHolder(store, job.id, holder, (tx) => addReplayEvent(tx, job.id, 'positions-kept', null, { kept: known.length, gone: partitions.length - known.length }));
  } finally {
    await sender.close();
    await releaseReplay(store, job.id, holder);
  }
}
