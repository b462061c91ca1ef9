import type { Example, ExampleRecord } from '#lib/model/hygiene.ts';

/** Examples that are kept of one finding: enough to open a few, never a list. */
export const MOST_EXAMPLES = 5;

/** "1 record", "1,204 records". */
export function many(count: number, one: string, more = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : more}`;
}

/** "3 of 51 events". */
export function part(count: number, total: number, one: string, more = `${one}s`): string {
  return `${count.toLocaleString('en-US')} of ${many(total, one, more)}`;
}

/** 0.054 → "5.4 %"; what is not quite none or all never reads so. */
export function percent(share: number): string {
  const value = share * 100;
  if (value > 0 && value < 0.1) return 'under 0.1 %';
  if (value < 100 && value > 99.9) return 'over 99.9 %';
  return `${Number(value.toFixed(1))} %`;
}

/** Decimal units, as the screens say them. */
export function size(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 999_500) return `${Number((bytes / 1_000).toFixed(bytes < 9_950 ? 1 : 0))} kB`;
  return `${Number((bytes / 1_000_000).toFixed(bytes < 9_950_000 ? 2 : 0))} MB`;
}

/** Milliseconds in one unit: "340 ms", "4.2 s", "3 min", "2 h", "5 d". */
export function span(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${Number((ms / 1_000).toFixed(ms < 10_000 ? 1 : 0))} s`;
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} min`;
  if (ms < 86_400_000) return `${Math.round(ms / 3_600_000)} h`;
  return `${Math.round(ms / 86_400_000)} d`;
}

export function recordAt(topic: string, record: { partition: number; offset: bigint | string; atMs: number | null }): ExampleRecord {
  return { topic, partition: record.partition, offset: String(record.offset), at: record.atMs === null ? null : new Date(record.atMs).toISOString() };
}

export function example(note: string, records: ExampleRecord[], change: { before: string; after: string } | null = null): Example {
  return { note, records, before: change?.before ?? null, after: change?.after ?? null };
}
