import { z } from 'zod';
import { readReaders } from '#lib/store/dead-letters/read-readers.ts';
import type { Store } from '#lib/store/store.ts';
import { findDeadLetter } from './get-dead-letter.ts';

export const readersSchema = z.object({
  /** How many there are; the first 50 are named. */
  total: z.number().int(),
  readers: z.array(z.object({ group: z.string(), status: z.string() })),
});
export type WireReaders = z.infer<typeof readersSchema>;

/**
 * Consumer groups that commit on a dead letter's origin topic, so will see its replay, as last collected.
 * @returns null where that is not known: no origin topic on the record, or one that was not collected
 * @throws WaybillError `dead-letter-not-found` 404
 */
export async function listReaders(store: Store, id: string): Promise<WireReaders | null> {
  const row = await findDeadLetter(store, id);
  return row.originTopic === null ? null : readReaders(store, row.clusterId, row.originTopic);
}
