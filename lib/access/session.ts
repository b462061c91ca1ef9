import { isRole, type Principal, type Role } from '#lib/model/access.ts';
import { findSession, touchSession } from '#lib/store/access/find-session.ts';
import { insertSession } from '#lib/store/access/insert-session.ts';
import type { Statements } from '#lib/store/store.ts';
import { hashSecret, randomSecret } from './hash-secret.ts';

/** A session nobody used for this long ends. */
export const SESSION_IDLE_MS = 12 * 3_600_000;
/** A session ends after this, used or not. */
export const SESSION_ABSOLUTE_MS = 7 * 24 * 3_600_000;
const TOUCH_EVERY_MS = 60_000;

export interface OpenedSession {
  /** Goes into the cookie; the store has only its hash. */
  id: string;
  principal: Principal;
}

/** Starts a session with an id of its own, never one the browser brought (session fixation). */
export async function openSession(on: Statements, who: { name: string; role: Role; userAgent: string | null; now: Date }): Promise<OpenedSession> {
  const id = randomSecret();
  const idHash = hashSecret(id);
  const expiresAt = new Date(who.now.getTime() + SESSION_ABSOLUTE_MS);
  await insertSession(on, { idHash, name: who.name, role: who.role, now: who.now, expiresAt, userAgent: who.userAgent?.slice(0, 300) ?? null });
  return { id, principal: { kind: 'session', name: who.name, role: who.role, id: idHash.toString('hex'), expiresAt } };
}

/** Who a session id stands for, or null where it stands for nobody any more. Using it keeps it from going idle. */
export async function principalOfSession(on: Statements, id: string, now: Date): Promise<Principal | null> {
  if (id.length > 100) return null;
  const row = await findSession(on, hashSecret(id), now, new Date(now.getTime() - SESSION_IDLE_MS));
  if (!row || !isRole(row.role)) return null;
  if (now.getTime() - row.last_seen_at.getTime() > TOUCH_EVERY_MS) await touchSession(on, row.id_hash, now);
  return { kind: 'session', name: row.name, role: row.role, id: Buffer.from(row.id_hash).toString('hex'), expiresAt: row.expires_at };
}
