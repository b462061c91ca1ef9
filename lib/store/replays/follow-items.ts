import type { ReplayItemState } from '#lib/model/replay.ts';
import type { Store } from '../store.ts';

/** A sent item whose outcome is open. */
export interface OpenItem {
  topicId: number;
  partition: number;
  offset: bigint;
  generation: number;
  state: ReplayItemState;
  targetTopic: string | null;
  sentPartition: number | null;
  sentOffset: bigint | null;
  sentAt: Date;
  /** When its state was last changed by an outcome. */
  outcomeAt: Date | null;
  /** The retry record its last outcome was decided by. */
  judged: string | null;
  originGroup: string | null;
}

export interface FollowedReplay {
  id: string;
  clusterId: number;
}

/** Replays with items whose outcome is open. */
export async function replaysToFollow(store: Store, clusterIds: readonly number[], limit: number): Promise<FollowedReplay[]> {
  return await store.query(
    `select r.id, r.cluster_id as "clusterId" from replay r
     where r.cluster_id = any($1::int[]) and r.sent > 0 and exists (select 1 from replay_item i where i.replay_id = r.id and not i.settled and i.final)
     order by r.created_at desc limit $2`,
    [clusterIds, limit],
  );
}

/** Open items of a replay in coordinate order after a place. */
export async function openItems(store: Store, replayId: string, after: { topicId: number; partition: number; offset: bigint } | null, limit: number): Promise<OpenItem[]> {
  return await store.query(
    `select i.topic_id as "topicId", i.partition, i."offset", i.generation, i.state, i.target_topic as "targetTopic", i.sent_partition as "sentPartition", i.sent_offset as "sentOffset",
       i.sent_at as "sentAt", i.outcome_at as "outcomeAt", i.detail ->> 'judged' as judged, d.origin_group as "originGroup"
     from replay_item i left join dead_letter d on d.topic_id = i.topic_id and d.partition = i.partition and d."offset" = i."offset"
     where i.replay_id = $1 and not i.settled and i.final and i.sent_at is not null and (i.topic_id, i.partition, i."offset") > ($2, $3, $4::bigint)
     order by i.topic_id, i.partition, i."offset" limit $5`,
    [replayId, after?.topicId ?? -1, after?.partition ?? -1, after?.offset ?? -1n, limit],
  );
}

export interface TargetCommit {
  group: string;
  topic: string;
  partition: number;
  committedOffset: bigint;
}

/** What consumer groups have committed on topics, as last collected. Waybill's own groups are left out. */
export async function targetCommits(store: Store, clusterId: number, topics: readonly string[]): Promise<TargetCommit[]> {
  return await store.query(
    `select g.name as "group", t.name as topic, o.partition, o.committed_offset as "committedOffset"
     from group_partition_offset o join consumer_group g on g.id = o.group_id join topic t on t.id = o.topic_id
     where t.cluster_id = $1 and t.name = any($2::text[]) and t.deleted_at is null and g.deleted_at is null and o.committed_offset is not null and g.name not like 'waybill-replay-%'`,
    [clusterId, topics],
  );
}

/** How far each present dead-letter and retry topic has been read; null where a partition never was. */
export async function readPositions(store: Store, clusterId: number): Promise<{ topic: string; partition: number; nextOffset: bigint | null }[]> {
  return await store.query(
    `select t.name as topic, coalesce(p.partition, 0) as partition, p.next_offset as "nextOffset" from topic t left join dead_letter_position p on p.topic_id = t.id
     where t.cluster_id = $1 and t.deleted_at is null and t.role in ('dead-letter', 'retry')`,
    [clusterId],
  );
}

export interface SuccessorRow {
  /** replay-id it carries, or null where it was found by its origin. */
  replayRef: string | null;
  originTopic: string | null;
  originPartition: number | null;
  originOffset: bigint | null;
  topicId: number;
  partition: number;
  offset: bigint;
  ingestedAt: Date;
  group: string | null;
  errorClass: string | null;
  errorMessage: string | null;
}

/** Dead letters that came of replayed records: by the replay-id they carry, or by the coordinate they name as origin. */
export async function findSuccessors(store: Store, clusterId: number, refs: readonly string[], at: readonly { topic: string; partition: number; offset: bigint }[]): Promise<SuccessorRow[]> {
  return await store.query(
    `select replay_ref as "replayRef", origin_topic as "originTopic", origin_partition as "originPartition", origin_offset as "originOffset", topic_id as "topicId", partition, "offset",
       ingested_at as "ingestedAt", origin_group as "group", error_class as "errorClass", error_message as "errorMessage"
     from dead_letter where cluster_id = $1 and replay_ref = any($2::text[])
     union
     select d.replay_ref, d.origin_topic, d.origin_partition, d.origin_offset, d.topic_id, d.partition, d."offset", d.ingested_at, d.origin_group, d.error_class, d.error_message
     from unnest($3::text[], $4::int[], $5::bigint[]) as u (topic, partition, "offset")
     join dead_letter d on d.cluster_id = $1 and d.origin_topic = u.topic and d.origin_partition = u.partition and d.origin_offset = u."offset"`,
    [clusterId, refs, at.map((one) => one.topic), at.map((one) => one.partition), at.map((one) => one.offset)],
  );
}

export interface ProcessSpanRow {
  topic: string;
  partition: number;
  offset: bigint;
  group: string | null;
  ok: boolean;
}

/** Process spans at the coordinates of replayed records. Other clusters have topics of the same names: only a span that names no cluster may be of any. */
export async function findProcessSpans(store: Store, clusterId: number, since: Date, at: readonly { topic: string; partition: number; offset: bigint }[]): Promise<ProcessSpanRow[]> {
  return await store.query(
    `select s.topic, s.partition, s."offset", s.group_name as "group", bool_or(s.status_code <> 2) as ok
     from unnest($2::text[], $3::int[], $4::bigint[]) as u (topic, partition, "offset")
     join span s on s.topic = u.topic and s.partition = u.partition and s."offset" = u."offset"
     where s.day >= $1::date and s.operation = 'process' and (s.cluster_id is null or s.cluster_id = $5) group by 1, 2, 3, 4`,
    [since, at.map((one) => one.topic), at.map((one) => one.partition), at.map((one) => one.offset), clusterId],
  );
}

export interface OutcomeToSave {
  topicId: number;
  partition: number;
  offset: bigint;
  generation: number;
  before: ReplayItemState;
  state: ReplayItemState;
  settled: boolean;
  detail: Record<string, unknown>;
}

/** States of a dead letter that an outcome leads to; where an outcome says nothing new it stays "replayed". */
const LETTER_STATE = `case u.state when 'processed' then 'processed' when 'consumed' then 'consumed' when 'retrying' then 'retrying' when 'failed-again' then 'failed-again' else 'replayed' end`;

/** Stores outcomes that changed, the state of their dead letters and the counts of the replay, in one transaction. */
export async function saveOutcomes(store: Store, replayId: string, outcomes: readonly OutcomeToSave[], now: Date): Promise<void> {
  if (outcomes.length === 0) return;
  const keys = [outcomes.map((one) => one.topicId), outcomes.map((one) => one.partition), outcomes.map((one) => one.offset), outcomes.map((one) => one.generation)];
  await store.transaction(async (tx) => {
    // In one order, so that two savers never wait for each other crosswise.
    await tx.execute('select 1 from replay where id = $1 for update', [replayId]);
    const changed = await tx.query<{ before: string; state: string }>(
      `update replay_item i set state = u.state, settled = u.settled, detail = u.detail::jsonb, outcome_at = case when i.state = u.state and i.detail ->> 'judged' is not distinct from u.detail::jsonb ->> 'judged' then i.outcome_at else $9::timestamptz end
       from unnest($2::int[], $3::int[], $4::bigint[], $5::int[], $6::text[], $7::bool[], $8::text[], $10::text[]) as u (topic_id, partition, "offset", generation, state, settled, detail, before)
       where i.replay_id = $1 and i.topic_id = u.topic_id and i.partition = u.partition and i."offset" = u."offset" and i.generation = u.generation and i.state = u.before and not i.settled
       returning u.before, u.state`,
      [replayId, ...keys, outcomes.map((one) => one.state), outcomes.map((one) => one.settled), outcomes.map((one) => JSON.stringify(one.detail)), now, outcomes.map((one) => one.before)],
    );
    await tx.execute(
      `update dead_letter d set state = ${LETTER_STATE}, state_at = $6
       from unnest($1::int[], $2::int[], $3::bigint[], $4::int[], $5::text[]) as u (topic_id, partition, "offset", generation, state)
       where d.topic_id = u.topic_id and d.partition = u.partition and d."offset" = u."offset" and d.generation = u.generation
         and d.state in ('replayed', 'consumed', 'retrying', 'processed') and d.state <> ${LETTER_STATE}`,
      [...keys, outcomes.map((one) => one.state), now],
    );
    const delta = (state: string) => changed.filter((one) => one.state === state).length - changed.filter((one) => one.before === state).length;
    await tx.execute('update replay set processed = processed + $2, failed_again = failed_again + $3 where id = $1', [replayId, delta('processed'), delta('failed-again')]);
  });
}

/** Parks dead letters at the end of a chain of `most` failed replays. */
export async function parkExhausted(store: Store, letters: readonly { topicId: number; partition: number; offset: bigint }[], most: number, now: Date): Promise<number> {
  if (letters.length === 0) return 0;
  return await store.execute(
    `with recursive chain as (
       select d.topic_id, d.partition, d."offset", d.replay_ref, 1 as depth, d.topic_id as first_topic, d.partition as first_partition, d."offset" as first_offset
       from unnest($1::int[], $2::int[], $3::bigint[]) as u (topic_id, partition, "offset") join dead_letter d using (topic_id, partition, "offset") where d.replay_ref is not null
       union all
       select p.topic_id, p.partition, p."offset", p.replay_ref, c.depth + 1, c.first_topic, c.first_partition, c.first_offset
       from chain c join dead_letter p on p.topic_id = split_part(split_part(c.replay_ref, ':', 2), '-', 1)::int
         and p.partition = split_part(split_part(c.replay_ref, ':', 2), '-', 2)::int and p."offset" = split_part(split_part(c.replay_ref, ':', 2), '-', 3)::bigint
       where c.depth < $4 and p.replay_ref is not null)
     update dead_letter d set state = 'parked', state_at = $5 from chain c
     where c.depth = $4 and d.topic_id = c.first_topic and d.partition = c.first_partition and d."offset" = c.first_offset and d.state = 'new'`,
    [letters.map((one) => one.topicId), letters.map((one) => one.partition), letters.map((one) => one.offset), most, now],
  );
}
