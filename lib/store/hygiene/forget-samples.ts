import type { Store } from '../store.ts';

const BATCH = 20_000;

/**
 * Lets go of fingerprints from before `before`, of those beyond `most` in all, and of what belongs to topics that are gone.
 * @returns fingerprints that went
 */
export async function forgetHygieneSamples(store: Store, before: Date, most: number): Promise<number> {
  const beyond = async (): Promise<Date | null> => (await store.query<{ at: Date }>('select at from hygiene_record order by at desc offset $1 limit 1', [most]))[0]?.at ?? null;
  const cut = await beyond();
  const until = cut !== null && cut > before ? cut : before;
  let forgotten = 0;
  for (let batch = 0; batch < 50; batch += 1) {
    const deleted = await store.execute(`delete from hygiene_record where ctid = any(array(select ctid from hygiene_record where at <= $1 limit ${BATCH}))`, [until]);
    forgotten += deleted;
    if (deleted < BATCH) break;
  }
  for (const table of ['hygiene_position', 'hygiene_topic', 'hygiene_shape'] as const) await store.execute(`delete from ${table} h where not exists (select 1 from topic t where t.id = h.topic_id and t.deleted_at is null)`);
  await store.execute('delete from hygiene_shape where updated_at < $1', [new Date(before.getTime() - 7 * 86_400_000)]);
  return forgotten;
}
