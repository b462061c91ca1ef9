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

/** A name that acts, with the names that made it: whoever made a token has seen its secret. */
export interface Identity {
  name: string;
  /** Who made the token of this name, who made theirs, and so on. */
  makers: readonly string[];
}

// The sign-in link of a start and the administrator token lie on the same machine for the same reader.
const OWNER = 'owner';
const OWNER_NAMES: readonly string[] = [OWNER, 'administrator token'];

/**
 * Whether two names may be one person: a session and a token of the same principal, or a token and whoever made it, at any remove.
 * Two tokens that a third one made for others are two people.
 */
export function isSamePerson(a: Identity, b: Identity): boolean {
  const [left, right] = [namesOf(a), namesOf(b)];
  return left.all.has(right.own) || right.all.has(left.own);
}

function namesOf(one: Identity): { own: string; all: Set<string> } {
  const plain = (name: string) => (OWNER_NAMES.includes(name) ? OWNER : name);
  return { own: plain(one.name), all: new Set([one.name, ...one.makers].map(plain)) };
}
