import { recordAudit } from '#lib/access/record-audit.ts';
import { fingerprint, FINGERPRINT_VERSION } from '#lib/dead-letter/fingerprint.ts';
import { mediaType } from '#lib/dead-letter/payload-form.ts';
import { addCounts } from '#lib/store/dead-letters/add-counts.ts';
import { addToFailures } from '#lib/store/dead-letters/add-to-failures.ts';
import { closeOldFailure, findOldFailure, moveRows, noteSuccessors, readRowsToRegroup } from '#lib/store/dead-letters/regroup-rows.ts';
import { failureId, holdIngest } from '#lib/store/dead-letters/save-dead-letters.ts';
import { wordsVector } from '#lib/store/dead-letters/words-vector.ts';
import type { Store } from '#lib/store/store.ts';

export interface RegroupInput {
  clusterId: number;
  now: Date;
  signal: AbortSignal;
  /** Rows a transaction; default 500. */
  batchRows?: number;
  /** Transactions a call, so that reading goes on in between; default 20. */
  maxBatches?: number;
}

/**
 * Groups rows anew that were grouped by an older version of the fingerprint, a batch a transaction: whatever moment it is stopped, every
 * row is counted once, and the next call goes on. Works from what is stored of the error and of the headers, so it needs no broker; where the
 * stored bytes have expired the content type is not known any more. Owner, note and mute follow where all rows of a failure went to one;
 * where they did not, the audit trail keeps them.
 * @returns how many rows were moved, and whether none is left
 */
export async function regroupDeadLetters(store: Store, input: RegroupInput): Promise<{ rows: number; done: boolean }> {
  const batchRows = input.batchRows ?? 500;
  let moved = 0;
  for (let batch = 0; batch < (input.maxBatches ?? 20); batch++) {
    if (input.signal.aborted) return { rows: moved, done: false };
    const count = await store.transaction(async (tx) => {
      await holdIngest(tx);
      const old = await findOldFailure(tx, input.clusterId, FINGERPRINT_VERSION);
      if (old === null) return null;
      const rows = (await readRowsToRegroup(tx, old.id, batchRows)).map((row) => {
        const decoded = { error: { class: row.errorClass, rootClass: row.rootClass, message: row.errorMessage, stack: row.errorStack }, correlationId: row.correlationId };
        const mark = fingerprint(row.topic, decoded, { tombstone: row.tombstone, contentType: row.contentType && mediaType(row.contentType.toString('latin1')) });
        const seenAt = row.timestamp === null || row.timestamp > input.now ? row.ingestedAt : row.timestamp;
        return { ...row, fingerprint: mark, failureId: failureId(input.clusterId, mark), words: wordsVector(decoded, mark), seenAt };
      });
      if (rows.length > 0) {
        await moveRows(tx, rows);
        await addToFailures(tx, input.clusterId, rows);
        await addCounts(tx, input.clusterId, rows.flatMap((row) => [{ ...row, count: 1, archived: row.archived ? 1 : 0 }, { ...row, failureId: old.id, count: -1, archived: row.archived ? -1 : 0 }]));
        await noteSuccessors(tx, old.id, [...new Set(rows.map((row) => row.failureId))]);
      }
      if (rows.length < batchRows) {
        const followed = await closeOldFailure(tx, old);
        if (!followed && (old.note ?? old.owner ?? old.mutedUntil) !== null) {
          await recordAudit(tx, 'waybill', { action: 'failure.regroup', target: old.id, reason: 'Its dead letters are of several failures now.', before: { owner: old.owner, note: old.note, mutedUntil: old.mutedUntil } });
        }
      }
      return rows.length;
    });
    if (count === null) return { rows: moved, done: true };
    moved += count;
  }
  return { rows: moved, done: false };
}
