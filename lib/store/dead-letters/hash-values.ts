import type { Statements } from '../store.ts';

/**
 * SHA-256 of the stored values of these dead letters, made where they lie: they do not travel. Those without a stored value are left out, and
 * those after the first `maxBytes` in all.
 */
export async function hashValues(on: Statements, rows: readonly { topicId: number; partition: number; offset: bigint }[], maxBytes: number): Promise<{ topicId: number; partition: number; offset: bigint; sha256: Buffer }[]> {
  return on.query(
    `select k.topic_id as "topicId", k.partition, k."offset", sha256(b.value) as sha256
     from (
       select d.topic_id, d.partition, d."offset", d.body_day, sum(d.value_bytes::bigint) over (order by k.place) as bytes
       from unnest($1::int[], $2::int[], $3::bigint[]) with ordinality as k(topic_id, partition, "offset", place) join dead_letter d using (topic_id, partition, "offset")) k
     join dead_letter_body b on b.day = k.body_day and b.topic_id = k.topic_id and b.partition = k.partition and b."offset" = k."offset"
     where k.bytes <= $4 and b.value is not null`,
    [rows.map((row) => row.topicId), rows.map((row) => row.partition), rows.map((row) => row.offset), maxBytes],
  );
}
