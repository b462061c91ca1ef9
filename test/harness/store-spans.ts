import { insertSpans } from '#lib/store/journeys/insert-spans.ts';
import { SpanBatch } from '#lib/store/journeys/span-batch.ts';
import type { SpanRow } from '#lib/store/journeys/span-row.ts';
import type { Store } from '#lib/store/store.ts';

/** A span's row with its day (YYYY-MM-DD) and the stored id of its resource. */
export type SpanToStore = SpanRow & { day: string; resourceId: bigint };

/** Stores spans as the receiver does, without its queue. @returns how many were new */
export async function storeSpans(store: Store, rows: readonly SpanToStore[], at: Date): Promise<number> {
  const resourceIds = [...new Set(rows.map((row) => row.resourceId))];
  const open = new Map<string, SpanBatch>();
  const batches: SpanBatch[] = [];
  for (const { day, resourceId, ...row } of rows) {
    let batch = open.get(day);
    if (batch === undefined || batch.isFull) {
      batch = new SpanBatch(day);
      open.set(day, batch);
      batches.push(batch);
    }
    batch.add(row, resourceIds.indexOf(resourceId));
  }
  return insertSpans(store, batches.map((batch) => ({ batch, resourceIds })), at);
}
