import type { Principal } from '#lib/model/access.ts';
import { insertAuditEntry } from '#lib/store/access/insert-audit-entry.ts';
import type { Statements } from '#lib/store/store.ts';

export interface AuditFacts {
  /** "replay.start", "silence.end", "token.create": subject and verb. */
  action: string;
  /** What it was done to: an id or a name a person recognises. */
  target: string;
  reason?: string | null;
  /** State before and after, without secrets; bigint is written as a decimal string. */
  before?: unknown;
  after?: unknown;
}

/**
 * Appends to the audit trail. `on` must be the transaction that also does the deed: a rollback then leaves no line, and no deed stays without one.
 */
export async function recordAudit(on: Statements, actor: Pick<Principal, 'name'> | string, facts: AuditFacts): Promise<void> {
  await insertAuditEntry(on, {
    actor: typeof actor === 'string' ? actor : actor.name,
    action: facts.action,
    target: facts.target,
    reason: facts.reason ?? null,
    before: facts.before ?? null,
    after: facts.after ?? null,
  });
}
