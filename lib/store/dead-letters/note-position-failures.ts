import type { Statements } from '../store.ts';

/** Keeps why partitions could not be read; their positions stay. A partition that was never read gets no row: it has no position yet. */
export async function notePositionFailures(on: Statements, failures: readonly { topicId: number; partition: number; message: string }[], now: Date): Promise<void> {
  if (failures.length === 0) return;
  await on.execute(
    `update dead_letter_position p set last_error = f.message, failing_at = coalesce(p.failing_at, $4)
     from unnest($1::int[], $2::int[], $3::text[]) as f(topic_id, partition, message) where p.topic_id = f.topic_id and p.partition = f.partition`,
    [failures.map((item) => item.topicId), failures.map((item) => item.partition), failures.map((item) => item.message), now],
  );
}
