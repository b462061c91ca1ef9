import { words } from './in-words.ts';

/** A partition whose newest timestamp does not fit the time its records came. Times are epoch ms. */
export interface WrongClock {
  partition: number;
  /** Of the record with the newest timestamp. */
  offset: string;
  newestAt: number;
  /** When the records came (behind), or when that was seen (ahead). */
  seenAt: number;
  kind: 'ahead' | 'behind';
}

/** Clocks of servers differ by seconds, and a producer holds its records back for a moment. */
const AHEAD_MS = 300_000;
/** Records may wait at the producer, or carry the time of an event. */
const BEHIND_MS = 3_600_000;

/**
 * Judges the newest timestamp of a partition (ListOffsets MAX_TIMESTAMP, KIP-734): in the future no record can have been written, and where records came
 * between two looks the newest cannot be from long before them. Producers set timestamps as they like (CreateTime), so only the extremes are told.
 * @param cameAfter when the end was seen to have moved since the look before; null where it did not, or there was none
 */
export function judgeClock(of: { partition: number; offset: bigint; newestAt: number; cameAfter: number | null }, nowMs: number): WrongClock | null {
  const { partition, offset, newestAt, cameAfter } = of;
  const kind = newestAt - nowMs > AHEAD_MS ? 'ahead' : cameAfter !== null && cameAfter - newestAt > BEHIND_MS ? 'behind' : null;
  return kind === null ? null : { partition, offset: offset.toString(), newestAt, seenAt: nowMs, kind };
}

/** The finding in a sentence. */
export function explainClock(topic: string, clock: WrongClock): string {
  const where = `${topic} partition ${clock.partition} offset ${clock.offset}`;
  return clock.kind === 'ahead'
    ? `The record at ${where} carries a timestamp ${words(clock.newestAt - clock.seenAt)} in the future: its producer has a wrong clock.`
    : `Records that came to ${topic} partition ${clock.partition} carry timestamps of ${words(clock.seenAt - clock.newestAt)} before (the newest at offset ${clock.offset}): their producer has a wrong clock, or writes the time of old events.`;
}
