import type { ApprovalDecision, EditablePart } from '#lib/model/replay.ts';
import type { Statements } from '../store.ts';

export interface ReplayRow {
  id: string;
  cluster: string;
  state: string;
  wanted: string;
  mode: string;
  selection: { ids: unknown[] } | { filter: Record<string, string> };
  targetTopic: string | null;
  partitioning: string;
  ratePerSecond: number | null;
  canary: number | null;
  reason: string;
  createdBy: string;
  createdAt: Date;
  startAt: Date | null;
  startBy: Date | null;
  ruleId: string | null;
  startedAt: Date | null;
  finishedAt: Date | null;
  selected: bigint | null;
  sent: bigint;
  processed: bigint;
  failedAgain: bigint;
  refused: bigint;
  needsDecision: bigint;
  lastError: string | null;
  /** null: it needed no second person. */
  approvalUntil: Date | null;
  decision: ApprovalDecision | null;
  decidedBy: string | null;
  decidedAt: Date | null;
  /** Parts of its one record that were edited; null: its records go out as they are. */
  edited: EditablePart[] | null;
}

const COLUMNS = `r.id, c.name as cluster, r.state, r.wanted, r.mode,
  case when r.selection ? 'ids' then jsonb_build_object('ids', jsonb_path_query_array(r.selection, '$.ids[*].generation')) else r.selection end as selection,
  r.target_topic as "targetTopic", r.partitioning, r.rate_per_second as "ratePerSecond", r.canary, r.reason, r.created_by as "createdBy",
  r.created_at as "createdAt", r.start_at as "startAt", r.start_by as "startBy", r.rule_id as "ruleId", r.started_at as "startedAt", r.finished_at as "finishedAt", r.selected, r.sent, r.processed, r.failed_again as "failedAgain",
  r.refused, r.needs_decision as "needsDecision", r.last_error as "lastError",
  r.approval_until as "approvalUntil", r.decision, r.decided_by as "decidedBy", r.decided_at as "decidedAt",
  (select e.changed from replay_edit e where e.replay_id = r.id) as edited`;

/** One replay, or null. */
export async function readReplay(on: Statements, id: string): Promise<ReplayRow | null> {
  const [row] = await on.query<ReplayRow>(`select ${COLUMNS} from replay r join cluster c on c.id = r.cluster_id where r.id = $1`, [id]);
  return row ?? null;
}

/** Replays newest first, after the one at `before`. */
export async function readReplays(on: Statements, filter: { cluster: string | null; states: readonly string[] | null; before: { at: string; id: string } | null; limit: number }): Promise<ReplayRow[]> {
  return await on.query<ReplayRow>(
    `select ${COLUMNS} from replay r join cluster c on c.id = r.cluster_id
     where ($1::text is null or c.name = $1) and ($2::text[] is null or r.state = any($2)) and ($3::timestamptz is null or (r.created_at, r.id) < ($3, $4::uuid))
     order by r.created_at desc, r.id desc limit $5`,
    [filter.cluster, filter.states, filter.before?.at ?? null, filter.before?.id ?? null, filter.limit],
  );
}

export interface ReplayFacts {
  states: { state: string; count: bigint }[];
  destinations: { topic: string; partition: number; count: bigint }[];
  refusals: { refusal: string; count: bigint }[];
  events: { at: Date; kind: string; actor: string | null; detail: Record<string, unknown> | null }[];
  /** Records a second over the last minute, or since it started where that is less; null: it has not started. */
  recentPerSecond: number | null;
}

/** What the ledger says of a replay, counted. */
export async function readReplayFacts(on: Statements, id: string): Promise<ReplayFacts> {
  const grouped = await on.query<{ state: string; topic: string | null; partition: number | null; refusal: string | null; count: bigint; recent: bigint }>(
    `select state, target_topic as topic, sent_partition as partition, refusal, count(*) as count, count(*) filter (where sent_at > now() - interval '1 minute') as recent
     from replay_item where replay_id = $1 group by 1, 2, 3, 4`,
    [id],
  );
  const [started] = await on.query<{ seconds: number | null }>('select extract(epoch from now() - started_at)::float8 as seconds from replay where id = $1', [id]);
  const seconds = started?.seconds ?? null;
  const events = await on.query<ReplayFacts['events'][number]>('select at, kind, actor, detail from replay_event where replay_id = $1 order by id desc limit 100', [id]);
  const sum = (key: (row: (typeof grouped)[number]) => string | null) => {
    const counts = new Map<string, bigint>();
    for (const row of grouped) {
      const name = key(row);
      if (name !== null) counts.set(name, (counts.get(name) ?? 0n) + row.count);
    }
    return [...counts];
  };
  return {
    states: sum((row) => row.state).map(([state, count]) => ({ state, count })),
    destinations: sum((row) => (row.topic === null || row.partition === null ? null : `${row.partition}:${row.topic}`)).map(([key, count]) => ({ topic: key.slice(key.indexOf(':') + 1), partition: Number(key.slice(0, key.indexOf(':'))), count })),
    refusals: sum((row) => row.refusal).map(([refusal, count]) => ({ refusal, count })),
    events,
    recentPerSecond: seconds === null ? null : Number(grouped.reduce((all, row) => all + row.recent, 0n)) / Math.max(1, Math.min(60, seconds)),
  };
}

export interface ReplayItemRow {
  topicId: number;
  partition: number;
  offset: bigint;
  generation: number;
  state: string;
  settled: boolean;
  targetTopic: string | null;
  sentPartition: number | null;
  sentOffset: bigint | null;
  sentAt: Date | null;
  refusal: string | null;
  detail: Record<string, unknown> | null;
  correlationId: string | null;
  rank: number;
}

/** What needs a person comes first. */
const RANK = `case i.state when 'failed-again' then 0 when 'needs-decision' then 1 when 'refused' then 2 when 'no-consumer' then 3 when 'unknown' then 4 when 'retrying' then 5 else 6 end`;

/** Items of a replay, those that need a person first, then in the order they are sent. */
export async function readReplayItems(
  on: Statements,
  filter: { replayId: string; state: string | null; after: { rank: number; topicId: number; partition: number; offset: string; generation: number } | null; limit: number },
): Promise<ReplayItemRow[]> {
  return await on.query<ReplayItemRow>(
    // The page first, of narrow rows; then what else is shown of its few.
    `select i.topic_id as "topicId", i.partition, i."offset", i.generation, i.state, i.settled, i.target_topic as "targetTopic", i.sent_partition as "sentPartition",
       i.sent_offset as "sentOffset", i.sent_at as "sentAt", i.refusal, i.detail, d.correlation_id as "correlationId", page.rank
     from (
       select * from (select i.topic_id, i.partition, i."offset", i.generation, ${RANK} as rank from replay_item i where i.replay_id = $1 and ($2::text is null or i.state = $2)) as found
       where $3::int is null or (rank, topic_id, partition, "offset", generation) > ($3, $4::int, $5::int, $6::bigint, $7::int)
       order by rank, topic_id, partition, "offset", generation limit $8) page
     join replay_item i using (topic_id, partition, "offset", generation)
     left join dead_letter d on d.topic_id = i.topic_id and d.partition = i.partition and d."offset" = i."offset"
     order by page.rank, i.topic_id, i.partition, i."offset", i.generation`,
    [filter.replayId, filter.state, filter.after?.rank ?? null, filter.after?.topicId ?? null, filter.after?.partition ?? null, filter.after?.offset ?? null, filter.after?.generation ?? null, filter.limit],
  );
}
