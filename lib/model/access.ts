// The words of access: who may do what.

/** Lowest first. Each role may do all that the ones before it may. */
export const ROLES = ['viewer', 'operator', 'administrator'] as const;
/** viewer: read. operator: replay, silence, rules, ask brokers. administrator: channels, secrets, tokens, people. */
export type Role = (typeof ROLES)[number];

/** Who acts: a person's session, an API token, or whoever holds WAYBILL_ADMIN_TOKEN. */
export interface Principal {
  kind: 'session' | 'token' | 'admin-token';
  /** Shown in the audit trail. */
  name: string;
  role: Role;
  /** Hash of the session id in hex, or the API token's id; null for the administrator token. */
  id: string | null;
  /** When this principal stops being one at the latest; null: never. */
  expiresAt: Date | null;
}

/** Whether `role` may do what asks for `needed`. */
export function allows(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

export function isRole(text: string): text is Role {
  return (ROLES as readonly string[]).includes(text);
}
