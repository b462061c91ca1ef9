import type { DeadLetterCoordinate, ReplayHeader } from '#lib/model/replay.ts';
import type { Store } from '../store.ts';
import { parseByteaArray } from './array-text.ts';

/** A claimed item with everything that is sent of it. */
export interface ClaimedItem {
  topicId: number;
  partition: number;
  offset: bigint;
  generation: number;
  /** Name of the dead-letter topic. */
  dlqTopic: string;
  /** Kafka's id of its incarnation. */
  kafkaTopicId: string;
  dialect: string | null;
  originTopic: string | null;
  originPartition: number | null;
  originTimestamp: Date | null;
  /** null: the stored bytes are gone. */
  body: { key: Buffer | null; value: Buffer | null; headers: ReplayHeader[]; valueByReference: boolean } | null;
}

type Row = Omit<ClaimedItem, 'body'> & { stored: boolean; key: Buffer | null; value: Buffer | null; names: string; values: string; byReference: boolean };

/**
 * Claimed items of a job in coordinate order with their bytes, from behind `after` up to and with `upTo`, at most `limit` and about `maxBytes`
 * (at least one). Bytes come from the stored body, never from the decoded text.
 */
export async function loadClaimedItems(store: Store, replayId: string, after: DeadLetterCoordinate | null, upTo: DeadLetterCoordinate, limits: { limit: number; maxBytes: number }): Promise<ClaimedItem[]> {
  // Lateral, so that each row is found by its key: figures of these tables are old while a job runs, and by them a batch is worth reading all of one.
  const rows = await store.query<Row>(
    `with next as (
       select i.topic_id, i.partition, i."offset", i.generation from replay_item i
       where i.replay_id = $1 and i.state = 'claimed' and (i.topic_id, i.partition, i."offset") > ($2, $3, $4::bigint) and (i.topic_id, i.partition, i."offset") <= ($5, $6, $7::bigint)
       order by i.topic_id, i.partition, i."offset" limit $8),
     sized as (
       select n.*, d.dialect, d.origin_topic, d.origin_partition, d.origin_timestamp, d.body_day,
         sum(512 + coalesce(d.key_bytes, 0) + coalesce(d.value_bytes, 0) + coalesce(d.stack_bytes, 0)) over (order by n.topic_id, n.partition, n."offset" rows between unbounded preceding and 1 preceding) as bytes_before
       from next n left join lateral (
         select d.dialect, d.origin_topic, d.origin_partition, d.origin_timestamp, d.body_day, d.key_bytes, d.value_bytes, octet_length(d.error_stack) as stack_bytes
         from dead_letter d where d.topic_id = n.topic_id and d.partition = n.partition and d."offset" = n."offset" limit 1) d on true)
     select s.topic_id as "topicId", s.partition, s."offset", s.generation, t.name as "dlqTopic", t.kafka_topic_id as "kafkaTopicId", s.dialect, s.origin_topic as "originTopic",
       s.origin_partition as "originPartition", s.origin_timestamp as "originTimestamp",
       b.day is not null as stored, b.key, b.value, b.header_names::text as names, b.header_values::text as values, b.value_by_reference as "byReference"
     from sized s join topic t on t.id = s.topic_id
     left join lateral (
       select b.day, b.key, b.value, b.header_names, b.header_values, b.value_by_reference
       from dead_letter_body b where b.day = s.body_day and b.topic_id = s.topic_id and b.partition = s.partition and b."offset" = s."offset" limit 1) b on true
     where coalesce(s.bytes_before, 0) < $9
     order by s.topic_id, s.partition, s."offset"`,
    [replayId, after?.topicId ?? -1, after?.partition ?? -1, after?.offset ?? -1n, upTo.topicId, upTo.partition, upTo.offset, limits.limit, limits.maxBytes],
  );
  return rows.map(({ stored, key, value, names, values, byReference, ...item }) => ({
    ...item,
    body: stored ? { key, value, headers: toHeaders(names, values), valueByReference: byReference } : null,
  }));
}

// Records of a topic carry the same names: they are read once, and the same buffers stand in all of them. Nobody writes into a name.
const MOST_NAME_LISTS = 500;
const MOST_NAME_CHARS = 10_000;
const nameLists = new Map<string, Buffer[]>();

function parseNames(text: string): Buffer[] {
  let names = nameLists.get(text);
  if (!names) {
    names = parseByteaArray(text).map((name) => name ?? Buffer.alloc(0));
    if (nameLists.size >= MOST_NAME_LISTS) nameLists.clear();
    if (text.length <= MOST_NAME_CHARS) nameLists.set(text, names);
  }
  return names;
}

/** Headers from the two arrays of a stored body, each as PostgreSQL's text. */
export function toHeaders(names: string, values: string): ReplayHeader[] {
  const contents = parseByteaArray(values);
  return parseNames(names).map((name, index) => [name, contents[index] ?? null] as const);
}

/** Where claimed items of a job lie and how far they reach, per DLQ partition: what recovery compares with the progress at the broker. */
export async function claimedPartitions(store: Store, replayId: string): Promise<{ topicId: number; topic: string; partition: number; first: bigint; last: bigint }[]> {
  return await store.query(
    // From the few that are not final, of whichever job, and not from all items of this one ("offset 0" keeps the two conditions apart): it is asked for every chunk.
    `select i.topic_id as "topicId", t.name as topic, i.partition, min(i."offset") as first, max(i."offset") as last
     from (select o.topic_id, o.partition, o."offset", o.replay_id, o.state from replay_item o where not o.final offset 0) i
     join topic t on t.id = i.topic_id where i.replay_id = $1 and i.state = 'claimed' group by 1, 2, 3 order by 1, 3`,
    [replayId],
  );
}

/** Claimed items of one DLQ partition after one offset and below another (all the rest where it is null), without their bytes. */
export async function claimedBelow(store: Store, replayId: string, topicId: number, partition: number, after: bigint, below: bigint | null, limit: number): Promise<{ offset: bigint; generation: number }[]> {
  return await store.query(
    `select "offset", generation from replay_item where replay_id = $1 and topic_id = $2 and partition = $3 and state = 'claimed'
       and "offset" > $4 and ($5::bigint is null or "offset" < $5) order by "offset" limit $6`,
    [replayId, topicId, partition, after, below, limit],
  );
}

/** Places in the target from which a search for this job's records may start: past the newest that the ledger knows. */
export async function sentUpTo(store: Store, replayId: string): Promise<{ topic: string; partition: number; offset: bigint }[]> {
  return await store.query(
    `select target_topic as topic, sent_partition as partition, max(sent_offset) + 1 as "offset" from replay_item
     where replay_id = $1 and sent_offset is not null group by 1, 2`,
    [replayId],
  );
}
