import type { WrongClock } from '#lib/lag/judge-clock.ts';
import type { Statements } from '../store.ts';

export interface TopicSurroundings {
  id: number;
  name: string;
  /** As the broker says ("cleanup.policy", "retention.ms" …); null where the settings were not read. */
  config: Record<string, string> | null;
  transactions_seen_at: Date | null;
  partition_count: number;
  /** Partitions that a producer with a wrong clock wrote to. */
  clocks: WrongClock[];
}

/** What is known of the topics with these names that exist now. */
export async function readTopicSurroundings(on: Statements, clusterId: number, names: readonly string[]): Promise<TopicSurroundings[]> {
  return on.query<TopicSurroundings>(
    `select t.id, t.name, coalesce(f.config, t.config) as config, t.transactions_seen_at, t.partition_count, coalesce(f.clocks, '[]'::jsonb) as clocks
     from topic t left join topic_facts f on f.topic_id = t.id where t.cluster_id = $1 and t.name = any($2::text[]) and t.deleted_at is null`,
    [clusterId, names],
  );
}

export interface BlockedRow {
  topic_id: number;
  partition: number;
  last_stable_offset: bigint;
  blocked_since: Date;
  asked_at: Date | null;
  transactions: unknown;
  error: string | null;
}

/** Partitions of these topics that stand behind an open transaction. */
export async function readBlocked(on: Statements, topicIds: readonly number[]): Promise<BlockedRow[]> {
  return on.query<BlockedRow>('select topic_id, partition, last_stable_offset, blocked_since, asked_at, transactions, error from blocked_partition where topic_id = any($1::int[]) limit 5000', [topicIds]);
}

/** How often members rearranged, joined and left since `since`. */
export async function readMemberEvents(on: Statements, groupId: number, since: Date): Promise<{ rebalances: number; changes: number; joined: number; left: number }> {
  const [row] = await on.query<{ rebalances: number; changes: number; joined: number; left: number }>(
    `select (count(*) filter (where kind = 'rebalance'))::int as rebalances, (count(*) filter (where kind = 'members'))::int as changes, coalesce(sum(joined), 0)::int as joined, coalesce(sum("left"), 0)::int as "left"
     from group_event where group_id = $1 and at > $2`,
    [groupId, since],
  );
  return row ?? { rebalances: 0, changes: 0, joined: 0, left: 0 };
}
