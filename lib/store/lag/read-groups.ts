import type { HiddenTopics } from '#lib/lag/hidden-topics.ts';
import type { CommitsEnded } from '#lib/lag/how-commits-ended.ts';
import type { Statements } from '../store.ts';
import { ADD_UP_GROUPS } from './add-up-groups.ts';

/** The cluster of a group: one object for all of its groups. */
export interface ReadingOfCluster {
  name: string;
  state: string;
  error: string | null;
  lastCycleAt: Date | null;
  intervalMs: number | null;
  /** Waybill's user may see only some of its topics; null = not known. */
  topicsHidden: boolean | null;
}

export interface GroupFiguresRow {
  id: number;
  name: string;
  cluster: ReadingOfCluster;
  type: string;
  state: string;
  protocol: string | null;
  coordinator: number | null;
  /** null = not described yet. */
  member_count: number | null;
  status: string;
  status_since: Date | null;
  /** The last that was not "unknown"; null where it always was. */
  known_status: string | null;
  first_seen_at: Date;
  failed_since: Date | null;
  last_good_at: Date | null;
  last_error: string | null;
  deleted_at: Date | null;
  hidden: HiddenTopics | null;
  ended: CommitsEnded | null;
  /** null where no partition is known. */
  lag: bigint | null;
  lost: bigint;
  /** Records that came since the commits last moved, over the partitions where records wait; null where it is not known of any. */
  arrived: bigint | null;
  oldest_at: Date | null;
  oldest_quality: string | null;
  partitions: number;
  partitions_behind: number;
  partitions_unknown: number;
  partitions_uncommitted: number;
  /** With a commit beyond the end of the log. */
  partitions_beyond: number;
  /** Most lag first. */
  topics: string[];
  /** How many of them have lag. */
  topics_behind: number;
  produced_per_second: number | null;
  consumed_per_second: number | null;
}

type Row = Omit<GroupFiguresRow, 'topics' | 'cluster'> & {
  topic_ids: number[];
  cluster_id: number;
  /** Whether a collector wrote its figures. */
  stored: boolean;
};

/**
 * Groups with their lag, from the figures that their collector stored; those without are added up from the current offsets. Expired groups stay for a day after they vanished.
 * @param cluster name, or null for every cluster
 * @param group one name, or null for all
 */
export async function readGroups(on: Statements, { cluster, group, now }: { cluster: string | null; group: string | null; now: Date }): Promise<GroupFiguresRow[]> {
  const rows = await on.query<Row>(
    `select g.id, g.name, g.cluster_id, g.type, g.state, g.protocol, g.coordinator,
       case when g.state in ('Empty', 'Dead') then 0 when g.members_at is null then null else jsonb_array_length(g.members) end as member_count,
       g.status, g.status_since, g.known_status, g.first_seen_at, g.failed_since, g.last_good_at, g.last_error, g.deleted_at, g.hidden, g.ended,
       s.group_id is not null as stored, s.lag, coalesce(s.lost, 0)::bigint as lost, s.arrived, s.oldest_at, s.oldest_quality,
       coalesce(s.partitions, 0)::int as partitions, coalesce(s.partitions_behind, 0)::int as partitions_behind, coalesce(s.partitions_unknown, 0)::int as partitions_unknown, coalesce(s.partitions_uncommitted, 0)::int as partitions_uncommitted,
       coalesce(s.partitions_beyond, 0)::int as partitions_beyond, coalesce(s.topic_ids, '{}') as topic_ids, coalesce(s.topics_behind, 0)::int as topics_behind,
       case when c.last_cycle_at > $3::timestamptz - interval '3 minutes' then s.produced_per_second end as produced_per_second,
       case when c.last_cycle_at > $3::timestamptz - interval '3 minutes' then s.consumed_per_second end as consumed_per_second
     from consumer_group g join cluster c on c.id = g.cluster_id left join group_figures s on s.group_id = g.id
     where ($1::text is null or c.name = $1) and ($2::text is null or g.name = $2)
       and (g.deleted_at is null or (g.status = 'expired' and g.deleted_at > $3::timestamptz - interval '1 day'))`,
    [cluster, group, now],
  );
  await addFigures(on, rows.filter((row) => !row.stored), now);
  // Names and clusters once, not once a group: a topic is read by many.
  const names = new Map((await on.query<{ id: number; name: string }>('select id, name from topic where id = any($1::int[]) and deleted_at is null', [[...new Set(rows.flatMap((row) => row.topic_ids))]])).map(({ id, name }) => [id, name]));
  const clusters = await readingsOf(on, [...new Set(rows.map((row) => row.cluster_id))]);
  const read: GroupFiguresRow[] = [];
  // Loops, and the rows as they came: flatMap and copies were a fifth of what 5,000 of them cost.
  for (const row of rows as (Row & Partial<GroupFiguresRow>)[]) {
    const reading = clusters.get(row.cluster_id);
    if (reading === undefined) continue;
    row.cluster = reading;
    row.topics = [];
    for (const id of row.topic_ids) {
      const name = names.get(id);
      if (name !== undefined) row.topics.push(name);
    }
    read.push(row as GroupFiguresRow);
  }
  return read;
}

/**
 * Figures of groups that no collector has written any for: planted by hand, or older than the table. A statement of its own: beside the stored ones
 * PostgreSQL took it for cheap where it had no statistics yet, and ran it once a group (40 s for 5,000 groups; two statements 25 ms).
 */
async function addFigures(on: Statements, rows: readonly Row[], now: Date): Promise<void> {
  if (rows.length === 0) return;
  const figures = await on.query<Pick<Row, 'lag' | 'lost' | 'arrived' | 'oldest_at' | 'oldest_quality' | 'partitions' | 'partitions_behind' | 'partitions_unknown' | 'partitions_uncommitted' | 'partitions_beyond' | 'topic_ids' | 'topics_behind' | 'produced_per_second' | 'consumed_per_second'> & { group_id: number }>(
    `with added as (select unnest($1::int[]) as id), ${ADD_UP_GROUPS}
     select f.group_id, f.lag, f.lost, f.arrived, f.oldest_at, f.oldest_quality, f.partitions, f.behind as partitions_behind, f.unknown as partitions_unknown, f.uncommitted as partitions_uncommitted, f.beyond as partitions_beyond,
       f.topic_ids, f.topics_behind, m.produced_per_second, m.consumed_per_second
     from figures f left join lateral (
       select produced_per_second, consumed_per_second from group_lag_minute m
       where m.group_id = f.group_id and m.minute >= $2::timestamptz - interval '3 minutes' and m.minute <= $2::timestamptz + interval '1 minute' order by m.minute desc limit 1
     ) m on true`,
    [rows.map((row) => row.id), now],
  );
  const byGroup = new Map(figures.map((row) => [row.group_id, row]));
  for (const row of rows) {
    const added = byGroup.get(row.id);
    if (added) Object.assign(row, added);
  }
}

async function readingsOf(on: Statements, ids: readonly number[]): Promise<Map<number, ReadingOfCluster>> {
  const rows = await on.query<ReadingOfCluster & { id: number }>(`select id, name, state, last_error as error, last_cycle_at as "lastCycleAt", (last_cycle->>'intervalMs')::int as "intervalMs", (last_cycle->>'topicsHidden')::boolean as "topicsHidden" from cluster where id = any($1::int[])`, [ids]);
  return new Map(rows.map((row) => [row.id, row]));
}
