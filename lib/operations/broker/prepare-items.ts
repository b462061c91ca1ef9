import { formatReplayRef, type RecordBytes, type Refusal, type ReplayRecord, type ReplayTarget } from '#lib/model/replay.ts';
import { prepareRecord } from '#lib/replay/prepare-record.ts';
import type { ReplayJobRow } from '#lib/store/replays/hold-replay.ts';
import type { ClaimedItem } from '#lib/store/replays/load-claimed-items.ts';
import { readReplayEdit } from '#lib/store/replays/replay-edits.ts';
import { readAgain } from './read-again.ts';
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
        body: job.edited ? (edit?.record ?? null) : item.body?.valueByReference ? await withValue(work, item, item.body) : item.body,
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

// Values too large to copy stay with the broker; where retention has taken the record it cannot be sent. What lies there now under another key is another record.
async function withValue(work: ReplayWork, item: ClaimedItem, stored: NonNullable<ClaimedItem['body']>): Promise<RecordBytes | null> {
  const record = await readAgain(work.broker, item);
  if (!record || record.value === null || !sameBytes(record.key, stored.key) || record.headers.length !== stored.headers.length) return null;
  const { buffer, byteOffset, byteLength } = record.value;
  return { key: stored.key, value: Buffer.from(buffer, byteOffset, byteLength), headers: stored.headers };
}

function sameBytes(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === null || b === null ? a === b : Buffer.compare(a, b) === 0;
}
