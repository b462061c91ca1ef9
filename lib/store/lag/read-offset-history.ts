import { type CommitPoint, type EndPoint, unpackCommitBlock, unpackTopicBlock } from '#lib/lag/pack-block.ts';
import { unpackCommitSample, unpackTopicSample } from '#lib/lag/pack-sample.ts';
import type { Statements } from '../store.ts';
import { inflateBlock } from './compress-block.ts';

/** One partition, so that a month of cycles stays bounded: 31 days of blocks. */
const MAX_BLOCKS = 31 * 24 + 1;
const HOUR_MS = 3_600_000;

/**
 * When the committed offset of one partition changed, and to what: the last change at or before `from` (where one is stored), then every change up
 * to `to`, oldest first. Between two points nothing changed, as far as it was read (`cluster_minute` says when). Hours that are folded come from
 * blocks (times to the second), younger ones from samples.
 */
export async function readCommitHistory(on: Statements, at: { groupId: number; topicId: number; partition: number; from: Date; to: Date }): Promise<CommitPoint[]> {
  const key = [at.groupId, at.topicId, at.partition];
  const blocks = await on.query<Block>(
    `(select hour, packed from group_commit_block where group_id = $1 and topic_id = $2 and partition = $3 and hour < $4 order by hour desc limit 1)
     union all (select hour, packed from group_commit_block where group_id = $1 and topic_id = $2 and partition = $3 and hour >= $4 and hour <= $5 order by hour limit ${MAX_BLOCKS})`,
    [...key, hourOf(at.from), at.to],
  );
  const samples = await on.query<Sample>('select at, packed from group_commit_sample where group_id = $1 and at <= $2 order by at limit 20000', [at.groupId, at.to]);
  return inRange(
    joined(blocks, unpackCommitBlock, samples, (row) => {
      const found = unpackCommitSample(row.packed).find((entry) => entry.topicId === at.topicId && entry.partition === at.partition);
      return found ? { atMs: row.at.getTime(), committedOffset: found.committedOffset } : null;
    }),
    at,
  );
}

/** The same for the end of one partition: high watermark, last stable offset and log start. */
export async function readEndHistory(on: Statements, at: { topicId: number; partition: number; from: Date; to: Date }): Promise<EndPoint[]> {
  const blocks = await on.query<Block>(
    `(select hour, packed from topic_offset_block where topic_id = $1 and partition = $2 and hour < $3 order by hour desc limit 1)
     union all (select hour, packed from topic_offset_block where topic_id = $1 and partition = $2 and hour >= $3 and hour <= $4 order by hour limit ${MAX_BLOCKS})`,
    [at.topicId, at.partition, hourOf(at.from), at.to],
  );
  const samples = await on.query<Sample>('select at, packed from topic_offset_sample where topic_id = $1 and at <= $2 order by at limit 20000', [at.topicId, at.to]);
  return inRange(
    joined(blocks, unpackTopicBlock, samples, (row) => {
      const found = unpackTopicSample(row.packed).find((entry) => entry.partition === at.partition);
      return found ? { atMs: row.at.getTime(), highWatermark: found.highWatermark, lastStableOffset: found.lastStableOffset, logStartOffset: found.logStartOffset } : null;
    }),
    at,
  );
}

interface Block {
  hour: Date;
  packed: Buffer;
}

interface Sample {
  at: Date;
  packed: Buffer;
}

function joined<Point extends { atMs: number }>(blocks: readonly Block[], unpack: (packed: Uint8Array) => Point[], samples: readonly Sample[], pick: (row: Sample) => Point | null): Point[] {
  const points = blocks.flatMap(({ packed }) => unpack(inflateBlock(packed)));
  // An hour stands in both until its samples are dropped: where there is a block it counts.
  const folded = new Set(blocks.map(({ hour }) => hour.getTime()));
  for (const row of samples) {
    if (folded.has(hourOf(row.at).getTime())) continue;
    const point = pick(row);
    if (point) points.push(point);
  }
  return points.toSorted((a, b) => a.atMs - b.atMs);
}

function inRange<Point extends { atMs: number }>(points: readonly Point[], { from, to }: { from: Date; to: Date }): Point[] {
  const before = points.findLast((point) => point.atMs <= from.getTime());
  return [...(before ? [before] : []), ...points.filter((point) => point.atMs > from.getTime() && point.atMs <= to.getTime())];
}

function hourOf(at: Date): Date {
  return new Date(Math.floor(at.getTime() / HOUR_MS) * HOUR_MS);
}
