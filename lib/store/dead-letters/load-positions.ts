import type { Statements } from '../store.ts';

export interface StoredPosition {
  topicId: number;
  partition: number;
  nextOffset: bigint;
  /** The last attempt to read it failed. */
  failing: boolean;
}

/** How far the partitions of these topic incarnations have been read. Partitions never read are absent. */
export async function loadPositions(on: Statements, topicIds: readonly number[]): Promise<StoredPosition[]> {
  return on.query<StoredPosition>('select topic_id as "topicId", partition, next_offset as "nextOffset", failing_at is not null as failing from dead_letter_position where topic_id = any($1)', [topicIds]);
}
