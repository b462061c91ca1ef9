import { createHash } from 'node:crypto';
import type { Dialect } from '#lib/dead-letter/dialects.ts';
import { fingerprint } from '#lib/dead-letter/fingerprint.ts';
import { payloadForm } from '#lib/dead-letter/payload-form.ts';
import { recordAudit } from '#lib/access/record-audit.ts';
import type { Masking } from '#lib/masking/compile-masking.ts';
import { decodeMasked } from '#lib/masking/decode-masked.ts';
import { MASKED } from '#lib/masking/masked-text.ts';
import type { DecodedDeadLetter } from '#lib/model/dead-letter.ts';
import { addCounts } from '#lib/store/dead-letters/add-counts.ts';
import { addToFailures } from '#lib/store/dead-letters/add-to-failures.ts';
import { closeOldFailure, noteSuccessors } from '#lib/store/dead-letters/regroup-rows.ts';
import { loadReading, readRowsToReread, type RowToReread, saveReading, takeFromFailures, updateReread } from '#lib/store/dead-letters/reread-rows.ts';
import { failureId, holdIngest } from '#lib/store/dead-letters/save-dead-letters.ts';
import { storableText } from '#lib/store/dead-letters/storable-text.ts';
import { wordsVector } from '#lib/store/dead-letters/words-vector.ts';
import type { Store } from '#lib/store/store.ts';

export interface RereadInput {
  clusterId: number;
  masking: Masking;
  /** Dialects of the configuration. */
  dialects: readonly Dialect[];
  now: Date;
  signal: AbortSignal;
  /** Rows a transaction; default 200. */
  batchRows?: number;
  /** Transactions a call; default 20. */
  maxBatches?: number;
}

/**
 * Reads the headers of stored dead letters anew after the configuration of masking or of home-made headers has changed, so that what was stored
 * before a rule is masked as well, and what had an unknown origin gets one. A batch a transaction: wherever it is stopped, the next call goes
 * on. Rows whose bytes have expired stay as they are.
 * @returns how many rows read otherwise now, and whether all were read
 */
export async function rereadDeadLetters(store: Store, input: RereadInput): Promise<{ rows: number; done: boolean }> {
  const by = createHash('sha256').update(JSON.stringify([input.masking.text, input.dialects.map(({ recognise, fields }) => [recognise, fields])])).digest('hex').slice(0, 32);
  const before = await loadReading(store, input.clusterId);
  if (before?.by === by && before.done) return { rows: 0, done: true };
  if (before === null && input.masking.isOff) {
    // Before this was noted, rows were read by what was configured then: nothing says that it has changed since.
    await saveReading(store, input.clusterId, { by, afterSeq: '0', done: true });
    return { rows: 0, done: true };
  }
  let afterSeq = before?.by === by ? BigInt(before.afterSeq) : 0n;
  let changed = 0;
  for (let batch = 0; batch < (input.maxBatches ?? 20) && !input.signal.aborted; batch++) {
    const end = await store.transaction(async (tx) => {
      await holdIngest(tx);
      const rows = await readRowsToReread(tx, input.clusterId, afterSeq, input.batchRows ?? 200);
      const last = rows.at(-1);
      const moved = rows.flatMap((row) => reread(row, input) ?? []);
      if (moved.length > 0) {
        await updateReread(tx, moved);
        await addToFailures(tx, input.clusterId, moved);
        await addCounts(tx, input.clusterId, moved.flatMap(({ row, decoded, failureId: to }) => {
          const common = { topicId: row.topicId, ingestedAt: row.ingestedAt };
          const archived = row.archived ? 1 : 0;
          return [
            { ...common, failureId: to, originTopic: storableText(decoded.origin.topic), originGroup: storableText(decoded.origin.consumerGroup), count: 1, archived },
            ...(row.failureId === null ? [] : [{ ...common, failureId: row.failureId, originTopic: row.originTopic, originGroup: row.originGroup, count: -1, archived: -archived }]),
          ];
        }));
        const taken = new Map<string, number>();
        const successors = new Map<string, Set<string>>();
        for (const { row, failureId: to } of moved) {
          if (row.failureId === null) continue;
          taken.set(row.failureId, (taken.get(row.failureId) ?? 0) + 1);
          if (to !== row.failureId) successors.set(row.failureId, (successors.get(row.failureId) ?? new Set()).add(to));
        }
        for (const [old, ids] of successors) await noteSuccessors(tx, old, [...ids]);
        for (const old of await takeFromFailures(tx, taken)) {
          const followed = await closeOldFailure(tx, old);
          if (!followed && (old.note ?? old.owner ?? old.mutedUntil) !== null) {
            await recordAudit(tx, 'waybill', { action: 'failure.regroup', target: old.id, reason: 'Its dead letters are of several failures now.', before: { owner: old.owner, note: old.note, mutedUntil: old.mutedUntil } });
          }
        }
      }
      const reading = { by, afterSeq: (last?.seq ?? afterSeq).toString(), done: last === undefined };
      await saveReading(tx, input.clusterId, reading);
      return { rows: moved.length, ...reading };
    });
    changed += end.rows;
    afterSeq = BigInt(end.afterSeq);
    if (end.done) return { rows: changed, done: true };
  }
  return { rows: changed, done: false };
}

type Moved = { row: RowToReread; topicId: number; partition: number; offset: bigint; decoded: DecodedDeadLetter; fingerprint: ReturnType<typeof fingerprint>; failureId: string; words: string; seenAt: Date };

/** A row as it reads now; null where it reads as it did, or can't be read again. */
function reread(row: RowToReread, { clusterId, masking, dialects, now }: RereadInput): Moved | null {
  if (row.expired || row.headerNames === null) return null;
  const headers = row.headerNames.map((name, index) => [name, row.headerValues?.[index] ?? null] as const);
  const record = { topic: row.topic, timestampMs: row.timestamp === null ? null : BigInt(row.timestamp.getTime()), headers, key: row.key, value: row.value };
  let decoded = decodeMasked(masking, record, { dialects });
  if (row.valueByReference && (masking.of(row.topic, decoded.origin.topic)?.paths.length ?? 0) > 0) {
    // Its value is not here: what the error quotes of it can't be told from the rest.
    const hide = (text: string | null) => (text === null ? null : MASKED);
    decoded = { ...decoded, error: { ...decoded.error, message: hide(decoded.error.message), stack: hide(decoded.error.stack) } };
  }
  const { origin, error } = decoded;
  const timestampMs = origin.timestampMs !== null && origin.timestampMs <= 253_402_300_799_999n ? Number(origin.timestampMs) : null;
  const same =
    row.dialect === decoded.dialect && row.originTopic === storableText(origin.topic) && row.originPartition === origin.partition && row.originOffset === origin.offset && (row.originTimestamp?.getTime() ?? null) === timestampMs &&
    row.originGroup === storableText(origin.consumerGroup) && row.errorClass === storableText(error.class) && row.rootClass === storableText(error.rootClass) && row.errorMessage === storableText(error.message) &&
    row.errorStack === storableText(error.stack) && row.attempts === decoded.attempts && row.correlationId === storableText(decoded.correlationId);
  if (same) return null;
  const mark = fingerprint(row.topic, decoded, payloadForm(headers, row.tombstone));
  const seenAt = row.timestamp === null || row.timestamp > now ? row.ingestedAt : row.timestamp;
  return { row, topicId: row.topicId, partition: row.partition, offset: row.offset, decoded, fingerprint: mark, failureId: failureId(clusterId, mark), words: wordsVector(decoded, mark), seenAt };
}
