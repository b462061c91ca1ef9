import type { Statements } from '../store.ts';

const KEY = 'expected-paths.learned-to';

/** Up to which last activity finished journeys were learned from; null before the first round. */
export async function readLearnedTo(on: Statements): Promise<Date | null> {
  const [row] = await on.query<{ value: string }>('select value from setting where key = $1', [KEY]);
  const at = row === undefined ? null : new Date(row.value);
  return at === null || Number.isNaN(at.getTime()) ? null : at;
}

export async function writeLearnedTo(on: Statements, at: Date): Promise<void> {
  await on.execute('insert into setting (key, value, updated_at) values ($1, $2, now()) on conflict (key) do update set value = excluded.value, updated_at = excluded.updated_at', [KEY, JSON.stringify(at.toISOString())]);
}
