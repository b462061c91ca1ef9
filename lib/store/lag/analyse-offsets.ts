import type { Statements } from '../store.ts';

/** Tells the planner how many groups, topics and partitions there are now. */
export async function analyseOffsets(on: Statements): Promise<void> {
  await on.execute('analyze consumer_group, topic, topic_partition_offset, group_partition_offset');
}
