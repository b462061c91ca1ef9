import { readTopics, type DeadLetterTopic } from '#lib/store/dead-letters/read-topics.ts';
import type { Store } from '#lib/store/store.ts';

/** The dead-letter topics that are read, with what is wrong where one can't be. */
export async function readDeadLetterTopics(store: Store, cluster?: string): Promise<DeadLetterTopic[]> {
  return readTopics(store, cluster ?? null);
}
