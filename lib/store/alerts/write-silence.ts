import type { Matcher } from '#lib/model/alert.ts';
import type { Statements } from '../store.ts';

export interface SilenceRowInput {
  id: string;
  matchers: readonly Matcher[];
  startsAt: Date;
  endsAt: Date;
  author: string;
  comment: string;
}

export async function insertSilence(tx: Statements, silence: SilenceRowInput, now: Date): Promise<void> {
  await tx.execute('insert into silence (id, matchers, starts_at, ends_at, author, comment, created_at) values ($1, $2::jsonb, $3, $4, $5, $6, $7)', [
    silence.id,
    JSON.stringify(silence.matchers),
    silence.startsAt,
    silence.endsAt,
    silence.author,
    silence.comment,
    now,
  ]);
}

/** Ends a silence early. @returns false where it is over already, or unknown */
export async function endSilenceRow(tx: Statements, id: string, now: Date): Promise<boolean> {
  return (await tx.execute('update silence set ended_at = $2 where id = $1 and ended_at is null and ends_at > $2', [id, now])) === 1;
}
