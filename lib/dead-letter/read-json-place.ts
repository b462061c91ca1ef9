/** A single place in a JSON document: names and indexes from the root. */
export type JsonPlace = readonly (string | number)[];

const MAX_PARTS = 16;
/** Headers are small; one that is not is no JSON to look into. */
const MAX_BYTES = 262_144;
const strict = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads `$.error.type`, `$['error type']`, `$.causes[0]`.
 * @throws Error whose message says what is wrong
 */
export function parseJsonPlace(text: string): JsonPlace {
  const parts: (string | number)[] = [];
  let rest = text.startsWith('$') ? text.slice(1) : null;
  while (rest !== null && rest !== '') {
    const match = /^\.([\p{L}_$][\p{L}\p{N}_$-]*)|^\['((?:[^'\\]|\\.)*)'\]|^\[(\d{1,6})\]/u.exec(rest);
    if (!match || parts.length === MAX_PARTS) {
      rest = null;
      break;
    }
    parts.push(match[3] !== undefined ? Number(match[3]) : (match[1] ?? (match[2] ?? '').replaceAll(/\\(.)/gu, '$1')));
    rest = rest.slice(match[0].length);
  }
  if (rest === null || parts.length === 0) throw new Error(`"${text}" names no single place in JSON: give one such as $.error.type or $.causes[0]`);
  return parts;
}

/** The text or number that stands there, as bytes; null where there is none, or where the header is no JSON. */
export function readJsonPlace(value: Uint8Array, place: JsonPlace): Uint8Array | null {
  if (value.length === 0 || value.length > MAX_BYTES) return null;
  let at: unknown;
  try {
    at = JSON.parse(strict.decode(value), ((_key: string, item: unknown, context?: { source?: string }) => (typeof item === 'number' ? (context?.source ?? String(item)) : item)) as (key: string, item: unknown) => unknown);
  } catch {
    return null;
  }
  for (const part of place) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return null;
    at = (at as Record<string | number, unknown>)[part];
  }
  return typeof at === 'string' ? new TextEncoder().encode(at) : null;
}
