import { z } from 'zod';
import { searchNamesRows } from '#lib/store/overview/search-names.ts';
import type { Store } from '#lib/store/store.ts';

export const foundSchema = z.object({
  kind: z.enum(['group', 'topic', 'failure']),
  id: z.string(),
  cluster: z.string(),
  name: z.string(),
});
export type Found = z.infer<typeof foundSchema>;

const LIMIT = 6;

/** What the palette finds by name: groups, topics and failures, at most six of each. Correlation ids are the journeys' finder's business. */
export async function searchNames(store: Store, input: { text: string }): Promise<Found[]> {
  return searchNamesRows(store, input.text.trim(), LIMIT);
}
