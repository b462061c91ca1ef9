import type { ShapeState } from '#lib/hygiene/learn-shape.ts';
import type { Fingerprint } from '#lib/model/hygiene.ts';
import type { Statements } from '../store.ts';

export interface SampledTopicRow {
  id: number;
  name: string;
  /** Fingerprints written at or after the moment asked for. */
  records: number;
  maxMessageBytes: number | null;
}

/** Topics of a cluster with fingerprints since `from`, and the limit of their records. */
export async function readSampledTopics(on: Statements, clusterId: number, from: Date): Promise<SampledTopicRow[]> {
  return on.query<SampledTopicRow>(
    `select t.id, t.name, count(*)::int as records, max((f.config->>'max.message.bytes')::bigint)::float8 as "maxMessageBytes"
     from hygiene_record r join topic t on t.id = r.topic_id left join topic_facts f on f.topic_id = t.id
     where t.cluster_id = $1 and t.deleted_at is null and r.at >= $2 group by t.id, t.name order by t.name`,
    [clusterId, from],
  );
}

/** Topics whose records could not be read when they were last to be sampled, with the reason. */
export async function readUnreadable(on: Statements, clusterId: number): Promise<Map<string, string>> {
  const rows = await on.query<{ name: string; error: string }>('select t.name, h.error from hygiene_topic h join topic t on t.id = h.topic_id where t.cluster_id = $1 and t.deleted_at is null and h.error is not null order by t.name limit 10000', [clusterId]);
  return new Map(rows.map((row) => [row.name, row.error]));
}

/** The newest fingerprints of a topic. */
export async function readFingerprints(on: Statements, topicId: number, limit: number): Promise<Fingerprint[]> {
  const rows = await on.query<Omit<Fingerprint, 'atMs' | 'eventAtMs'> & { at: Date; eventAtMs: bigint | null }>(
    `select partition, "offset", at, bytes, id_hash as "idHash", key_hash as "keyHash", payload_hash as "payloadHash", event_at_ms as "eventAtMs", sequence_scope as "sequenceScope", sequence, correlated, trace_id is not null as traced, replayed, marked
     from hygiene_record where topic_id = $1 order by at desc limit $2`,
    [topicId, limit],
  );
  return rows.map(({ at, eventAtMs, ...row }) => ({ ...row, atMs: at.getTime(), eventAtMs: eventAtMs === null ? null : Number(eventAtMs) }));
}

/** What was learned of the events of a topic, by their type. */
export async function readShapes(on: Statements, clusterId: number, from: Date): Promise<Map<string, Map<string, ShapeState>>> {
  const rows = await on.query<{ topic: string; eventType: string; state: ShapeState }>(
    'select t.name as topic, s.event_type as "eventType", s.state from hygiene_shape s join topic t on t.id = s.topic_id where t.cluster_id = $1 and t.deleted_at is null and s.updated_at >= $2 limit 5000',
    [clusterId, from],
  );
  const shapes = new Map<string, Map<string, ShapeState>>();
  for (const row of rows) shapes.set(row.topic, (shapes.get(row.topic) ?? new Map<string, ShapeState>()).set(row.eventType, row.state));
  return shapes;
}
