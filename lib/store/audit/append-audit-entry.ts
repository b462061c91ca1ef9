import type { Statements } from '../store.ts';

export interface AuditEntryInput {
  /** Name of the session or token that acted, or "waybill" for what the product does by itself. */
  actor: string;
  /** "<thing>.<verb>", such as "silence.create". */
  action: string;
  /** "<thing>:<id>". */
  target: string;
  reason?: string | null;
  /** State around the action; never a secret. */
  before?: unknown;
  after?: unknown;
}

/** Appends to the audit log. Pass the transaction of the action itself: an action that rolls back leaves no entry. */
export async function appendAuditEntry(on: Statements, entry: AuditEntryInput): Promise<void> {
  const json = (value: unknown): string | null => (value === undefined || value === null ? null : JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? item.toString() : item)));
  await on.execute('insert into audit_entry (actor, action, target, reason, before, after) values ($1, $2, $3, $4, $5::jsonb, $6::jsonb)', [
    entry.actor,
    entry.action,
    entry.target,
    entry.reason ?? null,
    json(entry.before),
    json(entry.after),
  ]);
}
