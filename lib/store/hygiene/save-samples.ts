import type { ShapeState } from '#lib/hygiene/learn-shape.ts';
import type { Fingerprint } from '#lib/model/hygiene.ts';
import type { Statements, Store } from '../store.ts';

export interface FingerprintToSave extends Omit<Fingerprint, 'traced'> {
  topicId: number;
  /** Hex; null where the record carries no trace context. */
  traceId: string | null;
  spanId: string | null;
}

export interface SampledTopic {
  id: number;
  /** Sum of the end offsets that it was read up to; null: there is more to read. */
  end: bigint | null;
  records: number;
  passedOver: bigint;
  error: string | null;
}

export interface HygieneSamples {
  records: readonly FingerprintToSave[];
  positions: readonly { topicId: number; partition: number; nextOffset: bigint }[];
  shapes: readonly { topicId: number; eventType: string; state: ShapeState }[];
  topics: readonly SampledTopic[];
}

/** Stores fingerprints, what was learned of their form, and how far reading came, in one transaction: after a crash nothing is counted twice. */
export async function saveHygieneSamples(store: Store, samples: HygieneSamples, now: Date): Promise<void> {
  await store.transaction(async (tx) => {
    const { records, positions, shapes, topics } = samples;
    if (records.length > 0) {
      await tx.execute(
        `insert into hygiene_record (topic_id, partition, "offset", at, bytes, id_hash, key_hash, payload_hash, event_at_ms, sequence_scope, sequence, correlated, replayed, marked, trace_id, span_id)
         select topic_id, partition, "offset", to_timestamp(at_ms / 1000.0), bytes, id_hash, key_hash, payload_hash, event_at_ms, sequence_scope, sequence, correlated, replayed, marked, decode(trace_id, 'hex'), decode(span_id, 'hex')
         from unnest($1::int[], $2::int[], $3::bigint[], $4::bigint[], $5::int[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bool[], $13::bool[], $14::bool[], $15::text[], $16::text[])
           as given (topic_id, partition, "offset", at_ms, bytes, id_hash, key_hash, payload_hash, event_at_ms, sequence_scope, sequence, correlated, replayed, marked, trace_id, span_id)
         on conflict do nothing`,
        [
          records.map((row) => row.topicId), records.map((row) => row.partition), records.map((row) => row.offset), records.map((row) => row.atMs), records.map((row) => row.bytes), records.map((row) => row.idHash), records.map((row) => row.keyHash),
          records.map((row) => row.payloadHash), records.map((row) => row.eventAtMs), records.map((row) => row.sequenceScope), records.map((row) => row.sequence), records.map((row) => row.correlated), records.map((row) => row.replayed),
          records.map((row) => row.marked), records.map((row) => row.traceId), records.map((row) => row.spanId),
        ],
      );
    }
    if (positions.length > 0) {
      await tx.execute(
        `insert into hygiene_position (topic_id, partition, next_offset) select * from unnest($1::int[], $2::int[], $3::bigint[]) on conflict (topic_id, partition) do update set next_offset = excluded.next_offset`,
        [positions.map((row) => row.topicId), positions.map((row) => row.partition), positions.map((row) => row.nextOffset)],
      );
    }
    if (shapes.length > 0) {
      await tx.execute(
        `insert into hygiene_shape (topic_id, event_type, state, updated_at) select topic_id, event_type, state, $4 from unnest($1::int[], $2::text[], $3::jsonb[]) as n(topic_id, event_type, state)
         on conflict (topic_id, event_type) do update set state = excluded.state, updated_at = excluded.updated_at`,
        [shapes.map((row) => row.topicId), shapes.map((row) => row.eventType), shapes.map((row) => JSON.stringify(row.state)), now],
      );
    }
    if (topics.length > 0) {
      await tx.execute(
        `insert into hygiene_topic as h (topic_id, sampled_at, sampled_end, records, passed_over, error) select id, $6, ends, records, passed, error from unnest($1::int[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[]) as n(id, ends, records, passed, error)
         on conflict (topic_id) do update set sampled_at = excluded.sampled_at, sampled_end = excluded.sampled_end, records = h.records + excluded.records, passed_over = h.passed_over + excluded.passed_over, error = excluded.error`,
        [topics.map((row) => row.id), topics.map((row) => row.end), topics.map((row) => row.records), topics.map((row) => row.passedOver), topics.map((row) => row.error), now],
      );
    }
  });
}

/** What was learned of the events of these topics, by "<topic row>\0<event type>". */
export async function loadShapes(on: Statements, topicIds: readonly number[]): Promise<Map<string, ShapeState>> {
  const rows = await on.query<{ topicId: number; eventType: string; state: ShapeState }>('select topic_id as "topicId", event_type as "eventType", state from hygiene_shape where topic_id = any($1)', [topicIds]);
  return new Map(rows.map((row) => [`${row.topicId}\0${row.eventType}`, row.state]));
}
