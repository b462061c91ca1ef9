import type { HourFigure, OffsetChange } from '#lib/lag/heat-cells.ts';
import { eachHeat } from '#lib/lag/pack-heat.ts';
import { eachCommit, eachEnd } from '#lib/lag/pack-sample.ts';
import type { Statements } from '../store.ts';
import { inflateBlock } from './compress-block.ts';

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

/** Something of each partition, by topic and number: looked up a million times for one strip, where keys made of text would cost most. */
export class ByPartition<Value> {
  readonly #topics = new Map<number, Map<number, Value>>();

  constructor(partitions: readonly Pick<HeatPartition, 'topic_id' | 'partition'>[], make: () => Value) {
    for (const { topic_id: topicId, partition } of partitions) {
      let topic = this.#topics.get(topicId);
      if (!topic) this.#topics.set(topicId, (topic = new Map()));
      topic.set(partition, make());
    }
  }

  get(topicId: number, partition: number): Value | undefined {
    return this.#topics.get(topicId)?.get(partition);
  }

  get topicIds(): number[] {
    return [...this.#topics.keys()];
  }
}

/** So that a screen never reads more than this, whatever the cycle and however many topics: the oldest go. */
const MAX_SAMPLES = 5_000;

/** Changes of these partitions in the stored samples from `from` to `to`, oldest first. */
export async function readHeatChanges(on: Statements, groupId: number, partitions: readonly HeatPartition[], from: Date, to: Date): Promise<{ ends: ByPartition<OffsetChange[]>; commits: ByPartition<OffsetChange[]> }> {
  const ends = new ByPartition<OffsetChange[]>(partitions, () => []);
  const commits = new ByPartition<OffsetChange[]>(partitions, () => []);
  const topicRows = await on.query<{ topic_id: number; at: Date; packed: Buffer }>(
    `select * from (select topic_id, at, packed from topic_offset_sample where topic_id = any($1::int[]) and at >= $2 and at <= $3 order by at desc limit ${MAX_SAMPLES}) newest order by at`,
    [ends.topicIds, from, to],
  );
  for (const { topic_id: topicId, at, packed } of topicRows) eachEnd(packed, (partition, offset) => ends.get(topicId, partition)?.push({ atMs: at.getTime(), offset }));
  const groupRows = await on.query<{ at: Date; packed: Buffer }>(
    `select * from (select at, packed from group_commit_sample where group_id = $1 and at >= $2 and at <= $3 order by at desc limit ${MAX_SAMPLES}) newest order by at`,
    [groupId, from, to],
  );
  for (const { at, packed } of groupRows) eachCommit(packed, (topicId, partition, offset) => commits.get(topicId, partition)?.push({ atMs: at.getTime(), offset }));
  return { ends, commits };
}

/** A month of hours and the one before them. */
const MAX_HOURS = 31 * 24 + 1;

/** Lag of these partitions by the hour: the last hour before `from` in which something moved, and those up to `to`, oldest first. */
export async function readHeatHours(on: Statements, groupId: number, partitions: readonly HeatPartition[], from: Date, to: Date): Promise<ByPartition<HourFigure[]>> {
  const figures = new ByPartition<HourFigure[]>(partitions, () => []);
  const rows = await on.query<{ hour: Date; packed: Buffer }>(
    `(select hour, packed from group_heat_hour where group_id = $1 and hour < $2 order by hour desc limit 1)
     union all (select hour, packed from group_heat_hour where group_id = $1 and hour >= $2 and hour < $3 order by hour limit ${MAX_HOURS}) order by hour`,
    [groupId, from, to],
  );
  for (const { hour, packed } of rows) {
    const hourMs = hour.getTime();
    eachHeat(inflateBlock(packed), (topicId, partition, highest, last) => figures.get(topicId, partition)?.push({ hourMs, highest, last }));
  }
  return figures;
}
