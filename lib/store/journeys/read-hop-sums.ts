import type { Statements } from '../store.ts';

/** What went one way in a range of time. */
export interface HopSumRow {
  /** 0: not known. */
  clusterId: number;
  kind: 'send' | 'process';
  /** '' = not conveyed, here and below. */
  service: string;
  topic: string;
  group: string;
  hops: bigint;
  failed: bigint;
  failedAttempts: bigint;
  deadLetters: bigint;
  uncertain: bigint;
  /** Histograms, joined (lib/journey/time-histogram.ts). */
  queue: Buffer;
  processing: Buffer;
  journeyId: string | null;
  failedJourneyId: string | null;
}

export interface HopRange {
  from: Date;
  to: Date;
  /** Whole hours, read from the hours. */
  hours: { from: Date; to: Date } | null;
  /** The rest, read from the minutes. */
  minutes: readonly { from: Date; to: Date }[];
}

/** Ways that a range of time may show, the busiest first; the rest would be a picture of nothing. */
const MOST_ROWS = 5_000;

/** What was counted in a range, by way: sums, and histograms joined by the database so that a day is a row for each way. */
export async function readHopSums(on: Statements, range: HopRange): Promise<HopSumRow[]> {
  const nothing = new Date(0);
  const hours = range.hours ?? { from: nothing, to: nothing };
  const [first, second] = [range.minutes[0] ?? { from: nothing, to: nothing }, range.minutes[1] ?? { from: nothing, to: nothing }];
  return on.query<HopSumRow>(
    `with counted as (
       select way_id, hops, failed, failed_attempts, dead_letters, uncertain, queue, processing from hop_hour where hour >= $1 and hour < $2
       union all
       select way_id, hops, failed, failed_attempts, dead_letters, uncertain, queue, processing from hop_minute where minute >= $3 and minute < $4
       union all
       select way_id, hops, failed, failed_attempts, dead_letters, uncertain, queue, processing from hop_minute where minute >= $5 and minute < $6
     ), summed as (
       select way_id, sum(hops)::bigint as hops, sum(failed)::bigint as failed, sum(failed_attempts)::bigint as failed_attempts, sum(dead_letters)::bigint as dead_letters, sum(uncertain)::bigint as uncertain,
         string_agg(queue, ''::bytea) as queue, string_agg(processing, ''::bytea) as processing
       from counted group by way_id having sum(hops) + sum(dead_letters) > 0 order by sum(hops) desc limit ${MOST_ROWS}
     ), examples as (
       select way_id, (array_agg(journey_id order by hour desc) filter (where journey_id is not null))[1] as journey_id,
         (array_agg(failed_journey_id order by hour desc) filter (where failed_journey_id is not null))[1] as failed_journey_id
       from hop_hour where hour > $7::timestamptz - interval '1 hour' and hour < $8 group by way_id
     )
     select w.cluster_id as "clusterId", w.kind, w.service, w.topic, w.group_name as "group", s.hops, s.failed, s.failed_attempts as "failedAttempts", s.dead_letters as "deadLetters", s.uncertain,
       s.queue, s.processing, e.journey_id as "journeyId", e.failed_journey_id as "failedJourneyId"
     from summed s join hop_way w on w.id = s.way_id left join examples e on e.way_id = s.way_id`,
    [hours.from, hours.to, first.from, first.to, second.from, second.to, range.from, range.to],
  );
}

/** Since when hops are counted, or null where none was yet: before that the figures say nothing. */
export async function readCountedSince(on: Statements): Promise<Date | null> {
  const [row] = await on.query<{ since: Date | null }>('select min(first_seen_at) as since from hop_way');
  return row?.since ?? null;
}

/** When the journeys were last brought up to date without a failure: what arrived later is not counted yet. */
export async function readJourneysOkAt(on: Statements): Promise<Date | null> {
  const [row] = await on.query<{ at: Date | null }>("select max(last_ok_at) as at from collector_status where name = 'journeys'");
  return row?.at ?? null;
}
