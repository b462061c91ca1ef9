import type { HopSum } from '#lib/journey/add-up-hops.ts';
import { addPacked, emptyHistogram, packHistogram } from '#lib/journey/time-histogram.ts';
import type { Statements } from '../store.ts';

export type HopTable = 'hop_minute' | 'hop_hour';

/** Journeys that show what was counted, by `wayId:at`. */
export type Examples = ReadonlyMap<string, { journeyId: string; failedJourneyId: string | null }>;

interface Row {
  wayId: number;
  at: Date;
  hops: number;
  failed: number;
  failedAttempts: number;
  deadLetters: number;
  uncertain: number;
  queue: Buffer;
  processing: Buffer;
}

const COLUMN = { hop_minute: 'minute', hop_hour: 'hour' } as const;
const MINUTE_MS = 60_000;

/**
 * Adds sums to the rows of their way and time. Reads, adds and writes: call it with the resolving lock held, nobody else writes here.
 * What would fall below 0 (rows that retention took meanwhile) stays at 0.
 */
export async function saveHopSums(on: Statements, table: HopTable, sums: readonly HopSum[], examples: Examples): Promise<void> {
  if (sums.length === 0) return;
  const column = COLUMN[table];
  const ids = sums.map((sum) => sum.wayId);
  const times = sums.map((sum) => new Date(sum.at * MINUTE_MS).toISOString());
  const stored = await on.query<Row>(
    `select t.way_id as "wayId", t.${column} as at, t.hops, t.failed, t.failed_attempts as "failedAttempts", t.dead_letters as "deadLetters", t.uncertain, t.queue, t.processing
     from unnest($1::int[], $2::timestamptz[]) as g (way_id, at) join ${table} t on t.${column} = g.at and t.way_id = g.way_id`,
    [ids, times],
  );
  const byName = new Map(stored.map((row) => [`${row.wayId}:${row.at.getTime() / MINUTE_MS}`, row]));
  const rows = sums.map((sum) => {
    const row = byName.get(`${sum.wayId}:${sum.at}`);
    return {
      hops: atLeast0((row?.hops ?? 0) + sum.hops), failed: atLeast0((row?.failed ?? 0) + sum.failed), failedAttempts: atLeast0((row?.failedAttempts ?? 0) + sum.failedAttempts),
      deadLetters: atLeast0((row?.deadLetters ?? 0) + sum.deadLetters), uncertain: atLeast0((row?.uncertain ?? 0) + sum.uncertain),
      queue: addClasses(row?.queue, sum.queue), processing: addClasses(row?.processing, sum.processing), example: examples.get(`${sum.wayId}:${sum.at}`),
    };
  });
  const hours = table === 'hop_hour';
  await on.execute(
    `insert into ${table} as t (way_id, ${column}, hops, failed, failed_attempts, dead_letters, uncertain, queue, processing${hours ? ', journey_id, failed_journey_id' : ''})
     select way_id, at, hops, failed, failed_attempts, dead_letters, uncertain, decode(queue, 'hex'), decode(processing, 'hex')${hours ? ', journey_id, failed_journey_id' : ''}
     from unnest($1::int[], $2::timestamptz[], $3::int[], $4::int[], $5::int[], $6::int[], $7::int[], $8::text[], $9::text[]${hours ? ', $10::uuid[], $11::uuid[]' : ''})
       as g (way_id, at, hops, failed, failed_attempts, dead_letters, uncertain, queue, processing${hours ? ', journey_id, failed_journey_id' : ''})
     on conflict (${column}, way_id) do update set hops = excluded.hops, failed = excluded.failed, failed_attempts = excluded.failed_attempts, dead_letters = excluded.dead_letters,
       uncertain = excluded.uncertain, queue = excluded.queue, processing = excluded.processing
       ${hours ? ', journey_id = coalesce(excluded.journey_id, t.journey_id), failed_journey_id = coalesce(excluded.failed_journey_id, t.failed_journey_id)' : ''}`,
    [
      ids, times, rows.map((row) => row.hops), rows.map((row) => row.failed), rows.map((row) => row.failedAttempts), rows.map((row) => row.deadLetters), rows.map((row) => row.uncertain),
      rows.map((row) => row.queue.toString('hex')), rows.map((row) => row.processing.toString('hex')),
      ...(hours ? [rows.map((row) => row.example?.journeyId ?? null), rows.map((row) => row.example?.failedJourneyId ?? null)] : []),
    ],
  );
}

function atLeast0(count: number): number {
  return Math.max(0, count);
}

function addClasses(stored: Buffer | undefined, classes: ReadonlyMap<number, number>): Buffer {
  if (classes.size === 0) return stored ?? Buffer.alloc(0);
  const counts = emptyHistogram();
  if (stored !== undefined) addPacked(counts, stored);
  for (const [place, count] of classes) counts[place] = atLeast0(counts[place]! + count);
  return packHistogram(counts);
}
