import type { Statements } from '../store.ts';

/** What people keep about a failure. */
export interface FailureNotes {
  owner: string | null;
  note: string | null;
  mutedUntil: Date | null;
}

/** A failure's notes, locked until the transaction ends; null where there is no such failure. */
export async function lockFailure(tx: Statements, id: string): Promise<FailureNotes | null> {
  const [row] = await tx.query<FailureNotes>('select owner, note, muted_until as "mutedUntil" from failure where id = $1 for update', [id]);
  return row ?? null;
}

export async function writeFailure(tx: Statements, id: string, notes: FailureNotes): Promise<void> {
  await tx.execute('update failure set owner = $2, note = $3, muted_until = $4 where id = $1', [id, notes.owner, notes.note, notes.mutedUntil]);
}
