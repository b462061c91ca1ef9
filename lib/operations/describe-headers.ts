import { z } from 'zod';
import type { HeaderBytes } from '#lib/model/dead-letter.ts';

export const headerSeenSchema = z.object({
  name: z.string(),
  /** Records that have it. */
  records: z.number().int(),
  /** What its bytes look like: text, a number as text, JSON, or binary of a length that numbers have. */
  looks: z.enum(['text', 'number', 'json', 'binary', 'null']),
  /** The newest value, cut; of binary the number it would be. */
  example: z.string().nullable(),
});
export type HeaderSeen = z.output<typeof headerSeenSchema>;

const MAX_EXAMPLE_CHARS = 160;
const MAX_NAMES = 200;

/** What headers some records have, the most frequent first. */
export function describeHeaders(records: readonly (readonly HeaderBytes[])[]): HeaderSeen[] {
  const seen = new Map<string, { records: number; value: Uint8Array | null }>();
  for (const headers of records) {
    const last = new Map(headers.map(([name, value]) => [Buffer.from(name).toString('utf8'), value]));
    for (const [name, value] of last) {
      const known = seen.get(name);
      if (!known) seen.set(name, { records: 1, value });
      else {
        known.records += 1;
        known.value ??= value;
      }
    }
  }
  return [...seen]
    .map(([name, { records: count, value }]) => ({ name, records: count, ...look(value) }))
    .toSorted((a, b) => b.records - a.records || a.name.localeCompare(b.name))
    .slice(0, MAX_NAMES);
}

function look(value: Uint8Array | null): Pick<HeaderSeen, 'looks' | 'example'> {
  if (value === null) return { looks: 'null', example: null };
  let text: string | null;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value);
  } catch {
    text = null;
  }
  // oxlint-disable-next-line no-control-regex -- control characters are what tells bytes from text
  if (text === null || /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/u.test(text)) {
    const hex = Buffer.from(value.subarray(0, 24)).toString('hex');
    return { looks: 'binary', example: value.length >= 1 && value.length <= 8 ? BigInt.asIntN(value.length * 8, BigInt(`0x${hex}`)).toString() : `${hex}${value.length > 24 ? '…' : ''}` };
  }
  const example = text.length > MAX_EXAMPLE_CHARS ? `${text.slice(0, MAX_EXAMPLE_CHARS)}…` : text;
  if (/^-?\d{1,19}$/u.test(text.trim())) return { looks: 'number', example };
  if (/^\s*[[{]/u.test(text)) {
    try {
      JSON.parse(text);
      return { looks: 'json', example };
    } catch {
      // It only begins like JSON, or was cut.
    }
  }
  return { looks: 'text', example };
}
