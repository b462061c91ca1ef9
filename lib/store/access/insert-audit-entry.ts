import type { Statements } from '../store.ts';

export interface AuditEntryRow {
  actor: string;
  action: string;
  target: string;
  reason: string | null;
  before: unknown;
  after: unknown;
}

/** Appends one line to the audit trail. Nothing ever updates or deletes one. */
export async function insertAuditEntry(on: Statements, entry: AuditEntryRow): Promise<void> {
  await on.execute('insert into audit_entry (actor, action, target, reason, before, after) values ($1, $2, $3, $4, $5, $6)', [
    entry.actor,
    entry.action,
    entry.target,
    entry.reason,
    asJson(entry.before),
    asJson(entry.after),
  ]);
}

function asJson(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? item.toString() : item));
}
