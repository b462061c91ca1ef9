import { createHash, timingSafeEqual } from 'node:crypto';
import type { Config } from '#lib/config.ts';

/** What a sender without one of the receiver's tokens is told. */
export const TOKEN_NEEDED = 'Traces need a token of this receiver: send "Authorization: Bearer …" (OTEL_EXPORTER_OTLP_HEADERS).';

/** Requests by the source whose token came with them. */
export type RequestsBySource = Record<string, number>;

type Tokens = Pick<Config, 'otlpToken' | 'otlpSources'>;

/**
 * Whether a sender of traces presents a token of the receiver's, where it has any: the one for all, or that of a source, which is then counted. Compared
 * as hashes, and always with each of them: neither length nor content of a token shows in the time it takes, nor which of them it resembles.
 */
export function maySend(authorization: string | undefined, { otlpToken, otlpSources }: Tokens, requests: RequestsBySource): boolean {
  if (otlpToken === null && otlpSources.length === 0) return true;
  const given = hash(/^Bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1] ?? '');
  let may = otlpToken !== null && timingSafeEqual(given, hash(otlpToken));
  for (const { name, token } of otlpSources) {
    if (!timingSafeEqual(given, hash(token))) continue;
    may = true;
    requests[name] = (requests[name] ?? 0) + 1;
  }
  return may;
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
