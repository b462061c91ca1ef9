import { type CommitPoint, type EndPoint, packCommitBlock, packTopicBlock } from '#lib/lag/pack-block.ts';
import { unpackCommitSample, unpackTopicSample } from '#lib/lag/pack-sample.ts';
import type { Statements, Store } from '../store.ts';
import { compressBlock } from './compress-block.ts';

const HOUR_MS = 3_600_000;
/** Topics or groups of one transaction: an hour of a hundred groups is some 36,000 rows, a few MB. */
const IDS_PER_STEP = 100;
const BLOCKS_PER_STATEMENT = 2_000;

export type FoldKind = 'topic' | 'group';

/**
 * Folds samples of one hour into blocks: the next hundred topics or groups, in one transaction with the note how far it came. Whoever is killed in
 * between loses the step and nothing else, and a step done twice writes the same.
 * @param hour its beginning; it must be over, and nothing may be written into it any more
 * @returns whether the hour is done
 */
export async function foldSamples(store: Store, kind: FoldKind, hour: Date): Promise<boolean> {
  const [table, column] = kind === 'topic' ? ['topic_offset_sample', 'topic_id'] : ['group_commit_sample', 'group_id'];
  const end = new Date(hour.getTime() + HOUR_MS);
  return store.transaction(async (tx) => {
    await tx.execute('insert into offset_fold (kind, hour) values ($1, $2) on conflict do nothing', [kind, hour]);
    const [progress] = await tx.query<{ last_id: number; done_at: Date | null }>('select last_id, done_at from offset_fold where kind = $1 and hour = $2 for update', [kind, hour]);
    if (!progress || progress.done_at !== null) return true;
    const ids = (
      await tx.query<{ id: number }>(`select distinct ${column} as id from ${table} where at >= $1 and at < $2 and ${column} > $3 order by 1 limit ${IDS_PER_STEP}`, [hour, end, progress.last_id])
    ).map((row) => row.id);
    const last = ids.at(-1);
    if (last !== undefined) {
      const rows = await tx.query<{ id: number; at: Date; packed: Buffer }>(`select ${column} as id, at, packed from ${table} where ${column} = any($1::int[]) and at >= $2 and at < $3 order by ${column}, at`, [ids, hour, end]);
      await (kind === 'topic' ? insertTopicBlocks(tx, hour, rows) : insertCommitBlocks(tx, hour, rows));
    }
    const done = ids.length < IDS_PER_STEP;
    await tx.execute('update offset_fold set last_id = $3, done_at = case when $4 then now() end where kind = $1 and hour = $2', [kind, hour, last ?? progress.last_id, done]);
    return done;
  });
}

interface SampleRow {
  id: number;
  at: Date;
  packed: Buffer;
}

async function insertTopicBlocks(tx: Statements, hour: Date, rows: readonly SampleRow[]): Promise<void> {
  const byPartition = new Map<string, { topicId: number; partition: number; points: EndPoint[] }>();
  for (const { id, at, packed } of rows) {
    for (const { partition, ...offsets } of unpackTopicSample(packed)) {
      const key = `${id} ${partition}`;
      let entry = byPartition.get(key);
      if (!entry) byPartition.set(key, (entry = { topicId: id, partition, points: [] }));
      entry.points.push({ atMs: at.getTime(), ...offsets });
    }
  }
  for (const chunk of inChunks([...byPartition.values()])) {
    await tx.execute('insert into topic_offset_block (topic_id, partition, hour, packed) select n.topic_id, n.partition, $1, n.packed from unnest($2::int[], $3::int[], $4::bytea[]) as n(topic_id, partition, packed) on conflict do nothing', [
      hour,
      chunk.map((e) => e.topicId),
      chunk.map((e) => e.partition),
      chunk.map((e) => compressBlock(packTopicBlock(e.points))),
    ]);
  }
}

async function insertCommitBlocks(tx: Statements, hour: Date, rows: readonly SampleRow[]): Promise<void> {
  const byPartition = new Map<string, { groupId: number; topicId: number; partition: number; points: CommitPoint[] }>();
  for (const { id, at, packed } of rows) {
    for (const { topicId, partition, committedOffset } of unpackCommitSample(packed)) {
      const key = `${id} ${topicId} ${partition}`;
      let entry = byPartition.get(key);
      if (!entry) byPartition.set(key, (entry = { groupId: id, topicId, partition, points: [] }));
      entry.points.push({ atMs: at.getTime(), committedOffset });
    }
  }
  for (const chunk of inChunks([...byPartition.values()])) {
    await tx.execute(
      'insert into group_commit_block (group_id, topic_id, partition, hour, packed) select n.group_id, n.topic_id, n.partition, $1, n.packed from unnest($2::int[], $3::int[], $4::int[], $5::bytea[]) as n(group_id, topic_id, partition, packed) on conflict do nothing',
      [hour, chunk.map((e) => e.groupId), chunk.map((e) => e.topicId), chunk.map((e) => e.partition), chunk.map((e) => compressBlock(packCommitBlock(e.points)))],
    );
  }
}

function* inChunks<Entry>(entries: readonly Entry[]): Generator<readonly Entry[]> {
  for (let i = 0; i < entries.length; i += BLOCKS_PER_STATEMENT) yield entries.slice(i, i + BLOCKS_PER_STATEMENT);
}
