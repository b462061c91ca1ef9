import type { OffsetAt } from '#lib/lag/movement.ts';
import { unpackCommitSample, unpackTopicSample } from '#lib/lag/pack-sample.ts';
import type { Statements } from '../store.ts';

export interface PartitionSamples {
  ends: OffsetAt[];
  starts: OffsetAt[];
  commits: OffsetAt[];
}

/** Bounds for a group of very many topics: beyond them its oldest samples are left out, and its rates span less. */
const COMMIT_ROWS = 400;
const TOPIC_ROWS = 5_000;

/** What was sampled of a group's partitions since `from`, by topic id and partition, in the order of time. Only changes are sampled. */
export async function readMovement(on: Statements, groupId: number, topicIds: readonly number[], from: Date): Promise<Map<string, PartitionSamples>> {
  const [commits, topics] = await Promise.all([
    on.query<{ at: Date; packed: Buffer }>('select at, packed from group_commit_sample where group_id = $1 and at > $2 order by at desc limit $3', [groupId, from, COMMIT_ROWS]),
    on.query<{ topic_id: number; at: Date; packed: Buffer }>('select topic_id, at, packed from topic_offset_sample where topic_id = any($1::int[]) and at > $2 order by at desc limit $3', [topicIds, from, TOPIC_ROWS]),
  ]);
  const found = new Map<string, PartitionSamples>();
  const of = (topicId: number, partition: number): PartitionSamples => {
    const key = `${topicId}:${partition}`;
    let samples = found.get(key);
    if (!samples) found.set(key, (samples = { ends: [], starts: [], commits: [] }));
    return samples;
  };
  for (const row of commits.toReversed()) for (const { topicId, partition, committedOffset } of unpackCommitSample(row.packed)) of(topicId, partition).commits.push({ at: row.at.getTime(), offset: committedOffset });
  for (const row of topics.toReversed()) {
    for (const { partition, highWatermark, logStartOffset } of unpackTopicSample(row.packed)) {
      const samples = of(row.topic_id, partition);
      samples.ends.push({ at: row.at.getTime(), offset: highWatermark });
      samples.starts.push({ at: row.at.getTime(), offset: logStartOffset });
    }
  }
  return found;
}
