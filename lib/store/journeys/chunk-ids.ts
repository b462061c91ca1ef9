import type { Store } from '../store.ts';

/** As the sequence span_chunk_ids counts. */
const IDS_AT_A_TIME = 1_024;

const taken = new WeakMap<Store, { next: number; end: number }>();

/** A number for a chunk that no other chunk of these days has. One in a thousand asks the store. */
export async function nextChunkId(store: Store): Promise<number> {
  let ids = taken.get(store);
  if (ids === undefined || ids.next === ids.end) {
    const [row] = await store.query<{ first: bigint }>(`select nextval('span_chunk_ids') as first`);
    const first = Number(row!.first);
    taken.set(store, (ids = { next: first, end: first + IDS_AT_A_TIME }));
  }
  return ids.next++;
}
