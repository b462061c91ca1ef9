import { formatReplayRef, type Refusal, type ReplayHeader, type ReplayRecord, type ReplayTarget } from '#lib/model/replay.ts';
import { prepareRecord } from '#lib/replay/prepare-record.ts';
import type { ReplayJobRow } from '#lib/store/replays/hold-replay.ts';
import type { ClaimedItem } from '#lib/store/replays/load-claimed-items.ts';
import { readReplayEdit } from '#lib/store/replays/replay-edits.ts';
import type { ReplayWork } from './replay-work.ts';
import { traceparentOf } from './traceparent-of.ts';

/** What a job's records may be sent to, as asked once for a run. */
export interface Targets {
  now: ReadonlyMap<string, ReplayTarget>;
  /** Partitions of topics as last collected. */
  partitionsBefore: ReadonlyMap<string, number>;
}

/** A claimed item with what will be sent for it, or why nothing will. */
export type PreparedItem = { item: ClaimedItem; record: ReplayRecord; refusal: null } | { item: ClaimedItem; record: null; refusal: Refusal };

/** Makes the records of claimed items, in their order. @throws where a value that stayed with the broker cannot be read */
export async function prepareItems(work: ReplayWork, job: ReplayJobRow, items: readonly ClaimedItem[], targets: Targets): Promise<PreparedItem[]> {
  const prepared: PreparedItem[] = [];
  // One record: read where it is sent, so that no other bytes can take its place.
  const edit = job.edited && items.length > 0 ? await readReplayEdit(work.store, job.id) : null;
  for (const item of items) {
    const replayRef = formatReplayRef(job.id, item, item.generation);
    const outcome = prepareRecord({
      item: {
        offset: item.offset,
        originTopic: item.originTopic,
        originPartition: item.originPartition,
        originTimestampMs: item.originTimestamp === null ? null : BigInt(item.originTimestamp.getTime()),
        body: job.edited ? (edit?.record ?? null) : item.body?.valueByReference ? await readAgain(work, item) : item.body,
      },
      replayRef,
      traceparent: traceparentOf(replayRef),
      strip: work.headersToStrip(item.dialect),
      targetTopic: job.targetTopic,
      partitioning: job.partitioning,
      targets: targets.now,
      partitionCountBefore: (topic) => targets.partitionsBefore.get(topic),
      allowParked: job.allowParked,
      edited: edit && { by: edit.editedBy, originalSha256: edit.originalSha256?.toString('hex') ?? null },
    });
    prepared.push(outcome.kind === 'record' ? { item, record: outcome.record, refusal: null } : { item, record: null, refusal: outcome.refusal });
  }
  return prepared;
}

// Values too large to copy stay with the broker; where retention has taken the record it cannot be sent.
async function readAgain(work: ReplayWork, item: ClaimedItem): Promise<{ key: Buffer | null; value: Buffer | null; headers: ReplayHeader[] } | null> {
  const { record, failure } = await work.broker.readMessage({ topic: item.dlqTopic, partition: item.partition, offset: item.offset });
  if (failure) throw new Error(`${item.dlqTopic} partition ${item.partition} offset ${item.offset} cannot be read again: ${failure.message}`);
  if (!record) return null;
  const bytes = (array: Uint8Array | null) => (array === null ? null : Buffer.from(array));
  return { key: bytes(record.key), value: bytes(record.value), headers: record.headers.map(([name, value]) => [Buffer.from(name), bytes(value)]) };
}
