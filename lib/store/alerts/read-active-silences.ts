import type { SilenceWindow } from '#lib/alert/match-silence.ts';
import type { Statements } from '../store.ts';

/** Silences in force at `now`. */
export async function readActiveSilences(on: Statements, now: Date): Promise<SilenceWindow[]> {
  return on.query<SilenceWindow>(
    `select id, matchers, starts_at as "startsAt", ends_at as "endsAt", ended_at as "endedAt" from silence
     where starts_at <= $1 and ends_at > $1 and (ended_at is null or ended_at > $1) order by ends_at`,
    [now],
  );
}
