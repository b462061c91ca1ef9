import { setImmediate } from 'node:timers/promises';
import { heatHour } from '#lib/lag/heat-hour.ts';
import { type CommitPoint, type EndPoint, unpackCommitBlock, unpackTopicBlock } from '#lib/lag/pack-block.ts';
import { type HeatEntry, packHeat, unpackHeat } from '#lib/lag/pack-heat.ts';
import type { Statements, Store } from '../store.ts';
import { compressBlock, inflateBlock } from './compress-block.ts';

const HOUR_MS = 3_600_000;
/** Groups of one transaction, and the partitions of one group that are looked at. */
const GROUPS_PER_STEP = 25;
const MAX_PARTITIONS = 5_000;

/** Hours whose blocks are all written and that are not rolled up for the strips yet, oldest first: an hour goes on from the one before. */
export async function readHoursWithoutHeat(on: Statements, before: Date | null, limit: number): Promise<Date[]> {
  const rows = await on.query<{ hour: Date }>(
    `select distinct f.hour from offset_fold f where f.kind in ('topic', 'group') and f.done_at is not null and ($1::timestamptz is null or f.hour < $1)
       and not exists (select 1 from offset_fold h where h.kind = 'heat' and h.hour = f.hour and h.done_at is not null) order by 1 limit $2`,
    [before, limit],
  );
  return rows.map((row) => row.hour);
}

/**
 * Makes the rows of one hour from its blocks: of the next groups in which something moved, in one transaction with the note how far it came.
 * Whoever is killed in between loses the step and nothing else, and a step done twice writes the same.
 * @returns whether the hour is done
 */
export async function rollUpHeat(store: Store, hour: Date): Promise<boolean> {
  return store.transaction(async (tx) => {
    await tx.execute(`insert into offset_fold (kind, hour) values ('heat', $1) on conflict do nothing`, [hour]);
    const [progress] = await tx.query<{ last_id: number; done_at: Date | null }>(`select last_id, done_at from offset_fold where kind = 'heat' and hour = $1 for update`, [hour]);
    if (!progress || progress.done_at !== null) return true;
    const groups = await tx.query<{ id: number }>(
      `select distinct p.group_id as id from group_partition_offset p where p.group_id > $2 and (
         exists (select 1 from topic_offset_block b where b.topic_id = p.topic_id and b.partition = p.partition and b.hour = $1)
         or exists (select 1 from group_commit_block b where b.group_id = p.group_id and b.topic_id = p.topic_id and b.partition = p.partition and b.hour = $1)
       ) order by 1 limit ${GROUPS_PER_STEP}`,
      [hour, progress.last_id],
    );
    for (const { id } of groups) {
      await saveGroup(tx, id, hour);
      // A large group takes a while to unpack: whoever shares the process goes in between.
      await setImmediate();
    }
    const done = groups.length < GROUPS_PER_STEP;
    await tx.execute(`update offset_fold set last_id = $2, done_at = case when $3 then now() end where kind = 'heat' and hour = $1`, [hour, groups.at(-1)?.id ?? progress.last_id, done]);
    return done;
  });
}

interface PartitionRow {
  topic_id: number;
  partition: number;
  /** As they stood when the hour began, where nothing is known to have moved since; null otherwise. */
  committed: bigint | null;
  end: bigint | null;
  commit_block: Buffer | null;
  end_block: Buffer | null;
}

async function saveGroup(tx: Statements, groupId: number, hour: Date): Promise<void> {
  const [previous] = await tx.query<{ packed: Buffer }>('select packed from group_heat_hour where group_id = $1 and hour < $2 order by hour desc limit 1', [groupId, hour]);
  const before = new Map<string, HeatEntry>();
  if (previous) for (const entry of unpackHeat(inflateBlock(previous.packed))) before.set(`${entry.topicId} ${entry.partition}`, entry);
  const rows = await tx.query<PartitionRow>(
    `select p.topic_id, p.partition, case when coalesce(p.committed_at, p.watched_since) < $2 then p.committed_offset end as committed,
       case when e.changed_at < $2 then e.high_watermark end as "end", c.packed as commit_block, b.packed as end_block
     from group_partition_offset p left join topic_partition_offset e on e.topic_id = p.topic_id and e.partition = p.partition
     left join group_commit_block c on c.group_id = p.group_id and c.topic_id = p.topic_id and c.partition = p.partition and c.hour = $2
     left join topic_offset_block b on b.topic_id = p.topic_id and b.partition = p.partition and b.hour = $2
     where p.group_id = $1 order by p.topic_id, p.partition limit ${MAX_PARTITIONS}`,
    [groupId, hour],
  );
  const entries = rows.map((row): HeatEntry => {
    const known = before.get(`${row.topic_id} ${row.partition}`);
    const commits: CommitPoint[] = row.commit_block ? unpackCommitBlock(inflateBlock(row.commit_block)) : [];
    const ends: EndPoint[] = row.end_block ? unpackTopicBlock(inflateBlock(row.end_block)) : [];
    return heatHour({ topicId: row.topic_id, partition: row.partition, committed: known?.committed ?? row.committed, end: known?.end ?? row.end, commits, ends });
  });
  await tx.execute('insert into group_heat_hour (group_id, hour, packed) values ($1, $2, $3) on conflict (group_id, hour) do update set packed = excluded.packed', [groupId, hour, compressBlock(packHeat(entries))]);
}

/** The end of the last hour that is rolled up; null where none is. */
export async function readHeatUpTo(on: Statements): Promise<Date | null> {
  const [row] = await on.query<{ hour: Date | null }>(`select max(hour) as hour from offset_fold where kind = 'heat' and done_at is not null`);
  return row?.hour ? new Date(row.hour.getTime() + HOUR_MS) : null;
}
