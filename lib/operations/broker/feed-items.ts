import type { DeadLetterCoordinate } from '#lib/model/replay.ts';
import type { ReplayJobRow } from '#lib/store/replays/hold-replay.ts';
import { loadClaimedItems } from '#lib/store/replays/load-claimed-items.ts';
import { prepareItems, type PreparedItem, type Targets } from './prepare-items.ts';
import type { ReplayWork } from './replay-work.ts';

/** Bytes of one load. At most three are held: what is being sent, what comes next, what is being read. */
const LOAD_BYTES = 16_000_000;

/** The claimed items of a chunk in the order they are sent. */
export interface ItemFeed {
  /** The next items, empty at the end. */
  next(): Promise<PreparedItem[]>;
  /** Waits for what is still being read, whatever comes of it. */
  end(): Promise<void>;
}

/** Reads claimed items up to `upTo` and makes their records, one load ahead: it happens while a transaction is under way. */
export function feedItems(work: ReplayWork, job: ReplayJobRow, upTo: DeadLetterCoordinate, targets: Targets): ItemFeed {
  let after: DeadLetterCoordinate | null = null;
  const load = async (): Promise<PreparedItem[]> => {
    const items = await loadClaimedItems(work.store, job.id, after, upTo, { limit: work.batchSize, maxBytes: LOAD_BYTES });
    after = items.at(-1) ?? after;
    return prepareItems(work, job, items, targets);
  };
  let ahead: Promise<PreparedItem[]> | null = null;
  return {
    async next() {
      const items = await (ahead ?? load());
      ahead = items.length === 0 ? Promise.resolve(items) : load();
      ahead.catch(() => undefined); // thrown by the next call; meanwhile it must not count as unhandled
      return items;
    },
    async end() {
      await ahead?.catch(() => undefined);
    },
  };
}
