import type { Statements } from '../store.ts';
import type { DeadLetterBytes } from './read-row.ts';

export interface DeadLetterBody extends DeadLetterBytes {
  topicId: number;
  partition: number;
  offset: bigint;
  errorMessageFull: string | null;
  errorStack: string | null;
  /** The bytes have expired; those above are empty. */
  expired: boolean;
}

/** Values are up to a megabyte each: what is not asked for is not read. */
const READ = {
  error: `null::bytea as key, null::bytea as value, '{}'::bytea[] as "headerNames", '{}'::bytea[] as "headerValues"`,
  headers: `null::bytea as key, null::bytea as value, b.header_names as "headerNames", b.header_values as "headerValues"`,
  bytes: 'b.key, b.value, b.header_names as "headerNames", b.header_values as "headerValues"',
};

/** Whole errors of these rows and, where wanted, their headers, or all their bytes; in no particular order. */
export async function readBodies(on: Statements, rows: readonly { topicId: number; partition: number; offset: bigint }[], what: keyof typeof READ): Promise<DeadLetterBody[]> {
  return on.query<DeadLetterBody>(
    `select d.topic_id as "topicId", d.partition, d."offset", d.error_message as "errorMessageFull", d.error_stack as "errorStack", coalesce(b.value_by_reference, false) as "valueByReference", b.day is null as expired, ${READ[what]}
     from unnest($1::int[], $2::int[], $3::bigint[]) as k(topic_id, partition, "offset") join dead_letter d using (topic_id, partition, "offset")
     left join dead_letter_body b on b.day = d.body_day and b.topic_id = d.topic_id and b.partition = d.partition and b."offset" = d."offset"`,
    [rows.map((row) => row.topicId), rows.map((row) => row.partition), rows.map((row) => row.offset)],
  );
}
