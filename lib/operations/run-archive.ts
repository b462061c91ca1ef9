import { archiveChunk } from '#lib/store/dead-letters/archive-rows.ts';
import type { Store } from '#lib/store/store.ts';

/** Rows a transaction: it keeps the ingest and the claims of replays waiting for as long. */
const CHUNK_ROWS = 1_000;

/**
 * Works an archive off, a chunk a transaction, until it is done, `maxChunks` are, or the signal aborts. Two processes at it take turns.
 * @returns whether it is done, by this process or another
 */
export async function runArchive(store: Store, id: string, options: { now: () => Date; maxChunks: number; signal?: AbortSignal }): Promise<boolean> {
  for (let chunk = 0; chunk < options.maxChunks && !options.signal?.aborted; chunk += 1) {
    const step = await store.transaction(async (tx) => {
      const done = await archiveChunk(tx, id, CHUNK_ROWS, options.now());
      if (done) await store.notify('dead-letters', { archive: id }, tx);
      return done;
    });
    if (step === null) return (await store.query('select 1 from archive where id = $1 and finished_at is not null', [id])).length > 0;
    if (step.finished) return true;
  }
  return false;
}
