import type { Statements } from '../store.ts';

/** Whether bodies of before `day` are still stored: looks only into the partitions that are to go. */
export async function hasOldBodies(on: Statements, before: Date): Promise<boolean> {
  const rows = await on.query('select 1 as one from dead_letter_body where day < $1::date limit 1', [before]);
  return rows.length > 0;
}

/** Marks dead letters whose bodies are about to be dropped, so that none points to bytes that are gone. @returns rows marked */
export async function forgetBodies(tx: Statements, before: Date, batch: number): Promise<number> {
  return tx.execute(
    `update dead_letter set body_day = null where (topic_id, partition, "offset") in (
       select topic_id, partition, "offset" from dead_letter where body_day < $1::date limit ${batch} for update skip locked
     )`,
    [before],
  );
}
