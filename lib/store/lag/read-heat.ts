import { unpackCommitSample, unpackTopicSample } from '#lib/lag/pack-sample.ts';
import type { OffsetChange } from '#lib/lag/heat-cells.ts';
import type { Statements } from '../store.ts';

export interface HeatPartition {
  topic_id: number;
  topic: string;
  partition: number;
  committed_offset: bigint | null;
  end_offset: bigint | null;
}

/** Partitions a group commits on, those with most records waiting first. */
export async function readHeatPartitions(on: Statements, groupId: number, limit: number): Promise<{ partitions: HeatPartition[]; total: number }> {
  const rows = await on.query<HeatPartition & { total: bigint }>(
    `select p.topic_id, t.name as topic, p.partition, p.committed_offset, e.high_watermark as end_offset, count(*) over () as total
     from group_partition_offset p join topic t on t.id = p.topic_id left join topic_partition_offset e on e.topic_id = p.topic_id and e.partition = p.partition
     where p.group_id = $1 and p.committed_offset is not null and t.deleted_at is null
     order by e.high_watermark - p.committed_offset desc nulls last, t.name, p.partition limit $2`,
    [groupId, limit],
  );
  return { partitions: rows, total: Number(rows[0]?.total ?? 0) };
}

/** So that a screen never reads more than this, whatever the cycle: the oldest go. */
const MAX_SAMPLES = 5_000;

/** Changes of these partitions in the stored samples up to `to`, by `topic:partition`, oldest first. */
export async function readHeatChanges(on: Statements, groupId: number, partitions: readonly HeatPartition[], from: Date, to: Date): Promise<{ ends: Map<string, OffsetChange[]>; commits: Map<string, OffsetChange[]> }> {
  const ends = new Map(partitions.map((one): [string, OffsetChange[]] => [`${one.topic_id}:${one.partition}`, []]));
  const commits = new Map([...ends.keys()].map((key): [string, OffsetChange[]] => [key, []]));
  const topicIds = [...new Set(partitions.map((one) => one.topic_id))];
  const topicRows = await on.query<{ topic_id: number; at: Date; packed: Buffer }>(
    `select * from (select topic_id, at, packed from topic_offset_sample where topic_id = any($1::int[]) and at >= $2 and at <= $3 order by at desc limit ${MAX_SAMPLES}) newest order by at`,
    [topicIds, from, to],
  );
  for (const row of topicRows) for (const entry of unpackTopicSample(row.packed)) ends.get(`${row.topic_id}:${entry.partition}`)?.push({ atMs: row.at.getTime(), offset: entry.highWatermark });
  const groupRows = await on.query<{ at: Date; packed: Buffer }>(
    `select * from (select at, packed from group_commit_sample where group_id = $1 and at >= $2 and at <= $3 order by at desc limit ${MAX_SAMPLES}) newest order by at`,
    [groupId, from, to],
  );
  for (const row of groupRows) for (const entry of unpackCommitSample(row.packed)) commits.get(`${entry.topicId}:${entry.partition}`)?.push({ atMs: row.at.getTime(), offset: entry.committedOffset });
  return { ends, commits };
}
