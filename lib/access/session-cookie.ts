import { SESSION_ABSOLUTE_MS } from './session.ts';

/**
 * Name of the session cookie. Over https the `__Host-` prefix makes browsers refuse one that a sibling host or plain http set
 * (RFC 6265bis, 4.1.3.2); over http on loopback browsers would drop it, so the name is plain there.
 */
export function sessionCookieName(publicUrl: string): string {
  return publicUrl.startsWith('https:') ? '__Host-waybill' : 'waybill';
}

/** Set-Cookie value that carries a session id, or ends it where `id` is null. */
export function sessionCookie(publicUrl: string, id: string | null): string {
  const secure = publicUrl.startsWith('https:') ? '; Secure' : '';
  const maxAge = id === null ? 0 : Math.floor(SESSION_ABSOLUTE_MS / 1_000);
  return `${sessionCookieName(publicUrl)}=${id ?? ''}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAge}${secure}`;
}

/** The session id a Cookie header carries, or null. Where a name comes twice the first counts, as browsers send the most specific first. */
export function readSessionCookie(header: string | null, publicUrl: string): string | null {
  const name = sessionCookieName(publicUrl);
  for (const part of header?.split(';') ?? []) {
    const [key, ...value] = part.trim().split('=');
    if (key === name) return value.join('=') || null;
  }
  return null;
}
