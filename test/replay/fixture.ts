import { randomUUID } from 'node:crypto';
import { formatDeadLetterId } from '#lib/model/replay.ts';
import { recount } from '#lib/store/dead-letters/add-counts.ts';
import type { Store } from '#lib/store/store.ts';
import { createTopic, uniqueName } from '#test/harness/kafka.ts';

export interface DeadLetterToPlant {
  partition: number;
  offset: bigint;
  key: Buffer | null;
  value: Buffer | null;
  headers: [Buffer, Buffer | null][];
  originPartition: number;
}

export interface Planted {
  clusterId: number;
  dlq: string;
  dlqTopicId: number;
  target: string;
  ids: string[];
  letters: DeadLetterToPlant[];
}

/**
 * Dead letters as the index holds them, over real topics: rows and bodies are planted, so that a test chooses bytes and
 * offsets freely (with gaps, as compaction and control records leave them).
 */
export async function plant(store: Store, options: { count: number; dlqPartitions?: number; targetPartitions?: number; targetConfig?: Record<string, string>; letter?: (index: number) => Partial<DeadLetterToPlant> }): Promise<Planted> {
  const dlqPartitions = options.dlqPartitions ?? 1;
  const targetPartitions = options.targetPartitions ?? 1;
  const target = await createTopic(uniqueName('orders'), { partitions: targetPartitions, ...(options.targetConfig ? { config: options.targetConfig } : {}) });
  const dlq = await createTopic(`${target}-dlq`, { partitions: dlqPartitions });
  const [cluster] = await store.query<{ id: number }>(`insert into cluster (name, kafka_cluster_id) values ('test', 'test') on conflict (name) do update set name = excluded.name returning id`);
  const clusterId = cluster!.id;
  const [topic] = await store.query<{ id: number }>(
    `insert into topic (cluster_id, name, kafka_topic_id, partition_count, role) values ($1, $2, $3, $4, 'dead-letter'), ($1, $5, $6, $7, null) returning id`,
    [clusterId, dlq, randomUUID(), dlqPartitions, target, randomUUID(), targetPartitions],
  );
  const dlqTopicId = topic!.id;
  const letters = Array.from({ length: options.count }, (_, index): DeadLetterToPlant => ({
    partition: index % dlqPartitions,
    offset: BigInt(3 * Math.floor(index / dlqPartitions)),
    key: Buffer.from(`key ${index % 7}`),
    value: Buffer.from(`value ${index}`),
    headers: [[Buffer.from('correlation-id'), Buffer.from(`order-${index}`)]],
    originPartition: index % targetPartitions,
    ...options.letter?.(index),
  }));
  for (let at = 0; at < letters.length; at += 5_000) await insert(store, clusterId, dlqTopicId, target, letters.slice(at, at + 5_000));
  await store.execute(`insert into failure (id, cluster_id, version, sample_topic_id, sample_partition, sample_offset, count, first_seen_at, last_seen_at) values ($1, $2, 3, $3, 0, 0, $4, now(), now())`, [failureOf(dlqTopicId), clusterId, dlqTopicId, letters.length]);
  await recount(store);
  return { clusterId, dlq, dlqTopicId, target, letters, ids: letters.map((one) => formatDeadLetterId({ topicId: dlqTopicId, ...one })) };
}

/** The one failure of planted dead letters. */
export function failureOf(topicId: number): string {
  return `planted-${topicId}`;
}

async function insert(store: Store, clusterId: number, topicId: number, target: string, letters: readonly DeadLetterToPlant[]): Promise<void> {
  await store.execute(
    `insert into dead_letter (topic_id, partition, "offset", cluster_id, origin_topic, origin_partition, origin_offset, key_bytes, value_bytes, header_count, body_day, failure_id)
     select $1, u.p, u.o, $2, $3, u.op, u.o, u.kb, u.vb, 1, current_date, $9 from unnest($4::int[], $5::bigint[], $6::int[], $7::int[], $8::int[]) as u (p, o, op, kb, vb)`,
    [topicId, clusterId, target, letters.map((one) => one.partition), letters.map((one) => one.offset), letters.map((one) => one.originPartition), letters.map((one) => one.key?.length ?? null), letters.map((one) => one.value?.length ?? null), failureOf(topicId)],
  );
  const array = (values: readonly (Buffer | null)[]) => `{${values.map((value) => (value === null ? 'NULL' : `"\\\\x${value.toString('hex')}"`)).join(',')}}`;
  await store.execute(
    `insert into dead_letter_body (day, topic_id, partition, "offset", key, value, header_names, header_values)
     select current_date, $1, u.p, u.o, u.k, u.v, u.n::bytea[], u.w::bytea[] from unnest($2::int[], $3::bigint[], $4::bytea[], $5::bytea[], $6::text[], $7::text[]) as u (p, o, k, v, n, w)`,
    [topicId, letters.map((one) => one.partition), letters.map((one) => one.offset), letters.map((one) => one.key), letters.map((one) => one.value), letters.map((one) => array(one.headers.map(([name]) => name))), letters.map((one) => array(one.headers.map(([, value]) => value)))],
  );
}

/** A job as the API stores it. */
export async function createJob(store: Store, planted: Planted, options: { selection?: object; canary?: number; ratePerSecond?: number; target?: string; partitioning?: string } = {}): Promise<string> {
  const id = randomUUID();
  const selection = options.selection ?? { filter: { topic: planted.dlq } };
  await store.execute(
    `insert into replay (id, cluster_id, state, selection, snapshot_seq, reason, created_by, canary, rate_per_second, target_topic, partitioning)
     values ($1, $2, 'queued', $3, (select coalesce(max(seq), 0) from dead_letter), 'test', 'tester', $4, $5, $6, $7)`,
    [id, planted.clusterId, JSON.stringify(selection), options.canary ?? null, options.ratePerSecond ?? null, options.target ?? null, options.partitioning ?? 'origin'],
  );
  return id;
}
