import type { Statements } from '../store.ts';

export interface LetterRow {
  topicId: number;
  partition: number;
  offset: bigint;
  clusterId: number;
  topic: string;
  timestamp: Date | null;
  ingestedAt: Date;
  originTopic: string | null;
  originPartition: number | null;
  originOffset: bigint | null;
  originTimestamp: Date | null;
  originGroup: string | null;
  errorClass: string | null;
  errorMessage: string | null;
  correlationId: string | null;
}

export interface ReplayRow {
  replayId: string;
  topicId: number;
  partition: number;
  offset: bigint;
  clusterId: number;
  state: string;
  actor: string;
  createdAt: Date;
  sentAt: Date | null;
  targetTopic: string | null;
  sentPartition: number | null;
  sentOffset: bigint | null;
}

export interface Place {
  topic: string;
  partition: number;
  offset: bigint;
}

const columns = `d.topic_id as "topicId", d.partition, d."offset", d.cluster_id as "clusterId", t.name as topic, d.timestamp, d.ingested_at as "ingestedAt", d.origin_topic as "originTopic",
  d.origin_partition as "originPartition", d.origin_offset as "originOffset", d.origin_timestamp as "originTimestamp", d.origin_group as "originGroup", d.error_class as "errorClass",
  left(d.error_message, 500) as "errorMessage", d.correlation_id as "correlationId"`;

/** Dead letters with one of these correlation ids, or of or at one of these records; at most `limit`. */
export async function readLetters(on: Statements, keys: readonly string[], places: readonly Place[], limit: number): Promise<LetterRow[]> {
  if (keys.length === 0 && places.length === 0) return [];
  return on.query<LetterRow>(
    `with given as (select * from unnest($2::text[], $3::int[], $4::bigint[]) as given (topic, partition, "offset")),
     found as (
       select topic_id, partition, "offset" from dead_letter where correlation_id = any($1::text[])
       union select d.topic_id, d.partition, d."offset" from given g join dead_letter d on d.origin_topic = g.topic and d.origin_partition = g.partition and d.origin_offset = g."offset"
       union select d.topic_id, d.partition, d."offset" from given g join topic t on t.name = g.topic join dead_letter d on d.topic_id = t.id and d.partition = g.partition and d."offset" = g."offset"
     )
     select ${columns} from found f join dead_letter d using (topic_id, partition, "offset") join topic t on t.id = d.topic_id limit $5`,
    [keys, places.map((place) => place.topic), places.map((place) => place.partition), places.map((place) => place.offset), limit],
  );
}

/** Dead letters by their ids. */
export async function readLettersById(on: Statements, ids: readonly { topicId: number; partition: number; offset: bigint }[]): Promise<LetterRow[]> {
  if (ids.length === 0) return [];
  return on.query<LetterRow>(
    `select ${columns} from unnest($1::int[], $2::int[], $3::bigint[]) as given (topic_id, partition, "offset") join dead_letter d using (topic_id, partition, "offset") join topic t on t.id = d.topic_id`,
    [ids.map((id) => id.topicId), ids.map((id) => id.partition), ids.map((id) => id.offset)],
  );
}

/** The newest dead letters that were stored after `since`, at most `limit`. */
export async function readNewLetters(on: Statements, since: Date, limit: number): Promise<LetterRow[]> {
  return on.query<LetterRow>(
    `select ${columns} from (select * from dead_letter order by seq desc limit $2) d join topic t on t.id = d.topic_id where d.ingested_at > $1`, [since, limit]);
}

/** Replays of these dead letters, and those that put a record at one of these places; at most `limit`. */
export async function readReplays(on: Statements, letters: readonly { topicId: number; partition: number; offset: bigint }[], places: readonly Place[], limit: number): Promise<ReplayRow[]> {
  if (letters.length === 0 && places.length === 0) return [];
  return on.query<ReplayRow>(
    `with found as (
       select i.* from unnest($1::int[], $2::int[], $3::bigint[]) as g (topic_id, partition, "offset") join replay_item i using (topic_id, partition, "offset")
       union select i.* from unnest($4::text[], $5::int[], $6::bigint[]) as g (topic, partition, "offset") join replay_item i on i.target_topic = g.topic and i.sent_partition = g.partition and i.sent_offset = g."offset"
     )
     select i.replay_id as "replayId", i.topic_id as "topicId", i.partition, i."offset", r.cluster_id as "clusterId", i.state, r.created_by as actor, r.created_at as "createdAt", i.sent_at as "sentAt",
       i.target_topic as "targetTopic", i.sent_partition as "sentPartition", i.sent_offset as "sentOffset"
     from found i join replay r on r.id = i.replay_id where i.state not in ('refused', 'cancelled') limit $7`,
    [letters.map((each) => each.topicId), letters.map((each) => each.partition), letters.map((each) => each.offset),
      places.map((place) => place.topic), places.map((place) => place.partition), places.map((place) => place.offset), limit],
  );
}

/** Items of replays that were sent or got an outcome after `since`, the latest first, at most `limit`. */
export async function readNewReplays(on: Statements, since: Date, limit: number): Promise<(ReplayRow & { outcomeAt: Date | null })[]> {
  return on.query(
    `select i.replay_id as "replayId", i.topic_id as "topicId", i.partition, i."offset", r.cluster_id as "clusterId", i.state, r.created_by as actor, r.created_at as "createdAt", i.sent_at as "sentAt",
       i.target_topic as "targetTopic", i.sent_partition as "sentPartition", i.sent_offset as "sentOffset", i.outcome_at as "outcomeAt"
     from replay r join replay_item i on i.replay_id = r.id
     where (r.finished_at is null or r.finished_at > $1) and greatest(i.sent_at, i.outcome_at) > $1
     order by greatest(i.sent_at, i.outcome_at) desc limit $2`, [since, limit]);
}
