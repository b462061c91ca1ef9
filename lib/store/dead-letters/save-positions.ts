import type { Statements } from '../store.ts';

export interface PositionToSave {
  topicId: number;
  partition: number;
  nextOffset: bigint;
  lastStableOffset: bigint | null;
}

/** Moves positions on; called in the transaction that stores what lies before them. A position never goes back. */
export async function savePositions(tx: Statements, positions: readonly PositionToSave[], now: Date): Promise<void> {
  await tx.execute(
    `insert into dead_letter_position as p (topic_id, partition, next_offset, end_offset, last_read_at)
     select *, $5::timestamptz from unnest($1::int[], $2::int[], $3::bigint[], $4::bigint[])
     on conflict (topic_id, partition) do update set next_offset = greatest(p.next_offset, excluded.next_offset), end_offset = excluded.end_offset,
       last_read_at = excluded.last_read_at, last_error = null, failing_at = null`,
    [positions.map((at) => at.topicId), positions.map((at) => at.partition), positions.map((at) => at.nextOffset), positions.map((at) => at.lastStableOffset), now],
  );
}
