import { createHash } from 'node:crypto';
import type { Fingerprint } from '#lib/dead-letter/fingerprint.ts';
import type { Statements, Store } from '../store.ts';
import { addCounts, type CountToAdd } from './add-counts.ts';
import { addToFailures } from './add-to-failures.ts';
import type { BatchRow, DeadLetterBatch } from './dead-letter-batch.ts';
import { type PositionToSave, savePositions } from './save-positions.ts';

/** Serialises ingest sequences: a snapshot "up to sequence n" must never gain a row later (bigserial alone is not in order of commit). */
const INGEST_LOCK = 0x57415942;

/** Keeps every other ingest out until the transaction ends. */
export async function holdIngest(tx: Statements): Promise<void> {
  await tx.execute('select pg_advisory_xact_lock($1)', [INGEST_LOCK]);
}

/** Id of a failure: cluster, version of the fingerprint, hash of its text. */
export function failureId(clusterId: number, fingerprint: Fingerprint): string {
  return `${clusterId}-${fingerprint.version}-${createHash('sha256').update(fingerprint.text).digest('hex').slice(0, 20)}`;
}

/**
 * Stores dead letters, their bytes, their failures and the positions behind them in one transaction: after a crash reading goes on exactly
 * where the rows end. Rows that are already there change nothing and count nowhere. COPY and not INSERT: it takes half the CPU on both sides
 * (docs/decisions/0009-dead-letter-ingest.md).
 * @returns how many rows were new
 */
export async function saveDeadLetters(store: Store, batch: DeadLetterBatch, positions: readonly PositionToSave[]): Promise<number> {
  return store.transaction(async (tx) => {
    let fresh: readonly BatchRow[] = [];
    if (batch.rows.length > 0) {
      await holdIngest(tx);
      const known = await findKnown(tx, batch.rows);
      const isFresh = known.size === 0 ? undefined : (row: number) => !known.has(placeOf(batch.rows[row]!));
      fresh = isFresh ? batch.rows.filter((_, row) => isFresh(row)) : batch.rows;
      if (fresh.length > 0) {
        for (const { sql, chunks } of batch.copies(isFresh)) await tx.copy(sql, chunks);
        await addToFailures(tx, batch.clusterId, fresh);
        await addCounts(tx, batch.clusterId, countsOf(fresh, batch.now));
      }
    }
    await savePositions(tx, positions, batch.now);
    return fresh.length;
  });
}

// COPY knows no conflict. With the ingest's lock held nobody else stores rows, so that what is not there now will not be there.
async function findKnown(tx: Statements, rows: readonly BatchRow[]): Promise<Set<string>> {
  const ranges = new Map<string, { topicId: number; partition: number; first: bigint; last: bigint }>();
  for (const { topicId, partition, offset } of rows) {
    const range = ranges.get(`${topicId}:${partition}`);
    if (!range) ranges.set(`${topicId}:${partition}`, { topicId, partition, first: offset, last: offset });
    else if (offset < range.first) range.first = offset;
    else if (offset > range.last) range.last = offset;
  }
  const list = [...ranges.values()];
  // Limited, so that each range is looked up by its key whatever the planner believes.
  const known = await tx.query<{ topicId: number; partition: number; offset: bigint }>(
    `select r.topic_id as "topicId", r.partition, d."offset" from unnest($1::int[], $2::int[], $3::bigint[], $4::bigint[]) as r(topic_id, partition, first, last)
     cross join lateral (select d."offset" from dead_letter d where d.topic_id = r.topic_id and d.partition = r.partition and d."offset" between r.first and r.last order by d."offset" limit $5) d`,
    [list.map((range) => range.topicId), list.map((range) => range.partition), list.map((range) => range.first), list.map((range) => range.last), rows.length],
  );
  return new Set(known.map(placeOf));
}

function placeOf(row: { topicId: number; partition: number; offset: bigint }): string {
  return `${row.topicId}:${row.partition}:${row.offset}`;
}

function countsOf(rows: readonly BatchRow[], ingestedAt: Date): CountToAdd[] {
  const counts = new Map<string, CountToAdd>();
  for (const { failureId: id, topicId, originTopic, originGroup } of rows) {
    const key = `${id}\0${topicId}\0${originTopic ?? ''}\0${originGroup ?? ''}`;
    const known = counts.get(key);
    if (known) known.count += 1;
    else counts.set(key, { failureId: id, topicId, originTopic, originGroup, ingestedAt, count: 1 });
  }
  return [...counts.values()];
}
