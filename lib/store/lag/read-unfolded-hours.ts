import type { Statements } from '../store.ts';
import type { FoldKind } from './fold-samples.ts';

/**
 * Hours that have samples and are not folded to their end, oldest first.
 * @param before hours that begin at or after this are left out
 */
export async function readUnfoldedHours(on: Statements, kind: FoldKind, before: Date): Promise<Date[]> {
  const table = kind === 'topic' ? 'topic_offset_sample' : 'group_commit_sample';
  // One partition an hour: the bounds are in the catalogue, and a partition without a row costs one look.
  const partitions = await on.query<{ name: string }>('select inhrelid::regclass::text as name from pg_inherits where inhparent = $1::regclass order by 1', [table]);
  const done = new Set((await on.query<{ hour: Date }>('select hour from offset_fold where kind = $1 and done_at is not null', [kind])).map((row) => row.hour.getTime()));
  const hours: Date[] = [];
  for (const { name } of partitions) {
    const digits = name.replaceAll('"', '').slice(table.length + 1);
    const hour = new Date(Date.UTC(+digits.slice(0, 4), +digits.slice(4, 6) - 1, +digits.slice(6, 8), +digits.slice(8, 10)));
    if (hour >= before || done.has(hour.getTime())) continue;
    const [row] = await on.query<{ some: boolean }>(`select exists (select 1 from ${name}) as some`);
    if (row?.some === true) hours.push(hour);
  }
  return hours;
}
