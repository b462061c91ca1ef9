import { resolveJourneys } from '#lib/operations/resolve-journeys.ts';
import { readPending, toSeeds } from '#lib/store/journeys/pending.ts';
import type { Store } from '#lib/store/store.ts';
import { corpusNow } from '#test/otlp/receiver.ts';

/** An hour after the corpora were recorded: nothing is in flight any more. */
export const muchLater = new Date(corpusNow.getTime() + 3_600_000);

/** Resolves what waits, a hundred rows at a time. */
export async function resolveAll(store: Store, now = muchLater): Promise<void> {
  for (;;) {
    const pending = await readPending(store, 100);
    if (pending.length === 0) return;
    await resolveJourneys(store, toSeeds(pending), now);
  }
}
