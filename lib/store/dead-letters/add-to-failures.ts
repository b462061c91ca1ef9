import type { Fingerprint } from '#lib/dead-letter/fingerprint.ts';
import type { Statements } from '../store.ts';
import { storableText } from './storable-text.ts';

export interface RowOfFailure {
  failureId: string;
  fingerprint: Fingerprint;
  topicId: number;
  partition: number;
  offset: bigint;
  /** When it was seen, never after now. */
  seenAt: Date;
}

/** Counts rows to their failures; those that are new get theirs, with the first row as the sample. */
export async function addToFailures(tx: Statements, clusterId: number, rows: readonly RowOfFailure[]): Promise<void> {
  const failures = new Map<string, { sample: RowOfFailure; count: number; first: Date; last: Date }>();
  for (const row of rows) {
    const failure = failures.get(row.failureId);
    if (!failure) failures.set(row.failureId, { sample: row, count: 1, first: row.seenAt, last: row.seenAt });
    else {
      failure.count++;
      if (row.seenAt < failure.first) failure.first = row.seenAt;
      if (row.seenAt > failure.last) failure.last = row.seenAt;
    }
  }
  // In order of id, so that two transactions never wait for each other.
  const sorted = [...failures].sort(([a], [b]) => (a < b ? -1 : 1));
  await tx.execute(
    `insert into failure as f (cluster_id, id, version, root_class, error_class, frame, message, payload, sample_topic_id, sample_partition, sample_offset, count, first_seen_at, last_seen_at)
     select $1, * from unnest($2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::int[], $10::int[], $11::bigint[], $12::bigint[], $13::timestamptz[], $14::timestamptz[])
     on conflict (id) do update set count = f.count + excluded.count, first_seen_at = least(f.first_seen_at, excluded.first_seen_at), last_seen_at = greatest(f.last_seen_at, excluded.last_seen_at)`,
    [
      clusterId,
      sorted.map(([id]) => id),
      sorted.map(([, item]) => item.sample.fingerprint.version),
      sorted.map(([, item]) => storableText(item.sample.fingerprint.title.rootClass)),
      sorted.map(([, item]) => storableText(item.sample.fingerprint.title.class)),
      sorted.map(([, item]) => storableText(item.sample.fingerprint.title.frame)),
      sorted.map(([, item]) => storableText(item.sample.fingerprint.title.message)),
      sorted.map(([, item]) => item.sample.fingerprint.title.payload),
      sorted.map(([, item]) => item.sample.topicId),
      sorted.map(([, item]) => item.sample.partition),
      sorted.map(([, item]) => item.sample.offset),
      sorted.map(([, item]) => item.count),
      sorted.map(([, item]) => item.first),
      sorted.map(([, item]) => item.last),
    ],
  );
}
