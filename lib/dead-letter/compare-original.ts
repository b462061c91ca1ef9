/**
 * How a dead letter's bytes stand to those of the record it was made of. `same-json`: other bytes that say the same (a serialiser wrote them
 * anew). `missing-here`: null or empty here and not there: a replay would send that.
 */
export type ByteDifference = 'same' | 'same-json' | 'missing-here' | 'missing-there' | 'differs';

/** Larger texts are not parsed to find out whether they mean the same. */
const MAX_JSON_BYTES = 1_048_576;
/** What a number of this many digits loses nothing of. */
const EXACT_DIGITS = 15;

/** A number with more digits than that, as written. */
class Digits {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Compares a dead letter's key or value with the original's; null and empty are different from each other too. Never throws. */
export function compareOriginal(here: Uint8Array | null, there: Uint8Array | null): ByteDifference {
  if (here === null || there === null) return here === there ? 'same' : here === null ? 'missing-here' : 'missing-there';
  if (here.length === there.length && Buffer.compare(here, there) === 0) return 'same';
  if (here.length === 0) return 'missing-here';
  if (there.length === 0) return 'missing-there';
  return here.length <= MAX_JSON_BYTES && there.length <= MAX_JSON_BYTES && meansTheSame(here, there) ? 'same-json' : 'differs';
}

function meansTheSame(a: Uint8Array, b: Uint8Array): boolean {
  try {
    return equal(parse(a), parse(b));
  } catch {
    // Not UTF-8, not JSON, or nested deeper than the stack.
    return false;
  }
}

/** JSON with its numbers as written: two ids beyond 2^53 must not become equal by rounding. */
function parse(bytes: Uint8Array): unknown {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  return (JSON.parse as (text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown) => unknown)(text, (_key, value, { source }) => (typeof value === 'number' ? numberOf(value, source) : value));
}

function numberOf(value: number, source: string | undefined): unknown {
  if (source === undefined || source.replaceAll(/\D/gu, '').length <= EXACT_DIGITS) return value;
  return new Digits(source);
}

function equal(a: unknown, b: unknown): boolean {
  if (a instanceof Digits || b instanceof Digits) return a instanceof Digits && b instanceof Digits && a.text === b.text;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && equal((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]));
}
