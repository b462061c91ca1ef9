import { createHash, timingSafeEqual } from 'node:crypto';

/** What a sender without the receiver's token is told. */
export const TOKEN_NEEDED = 'Traces need the token of this receiver: send "Authorization: Bearer …" (OTEL_EXPORTER_OTLP_HEADERS).';

/**
 * Whether a sender of traces presents the receiver's token, where it has one. Compared as hashes: neither length nor content of the token shows in the
 * time it takes.
 */
export function maySend(authorization: string | undefined, token: string | null): boolean {
  if (token === null) return true;
  const given = /^Bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1] ?? '';
  return timingSafeEqual(createHash('sha256').update(given).digest(), createHash('sha256').update(token).digest());
}
