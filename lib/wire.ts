import { z } from 'zod';

// Shapes that every operation's schema shares. Offsets and counts that can exceed 2^53 are decimal strings on the wire, times ISO 8601 UTC.

/** An offset or large count: a decimal string on the wire, bigint inside. */
export const offsetSchema = z.string().regex(/^-?\d{1,19}$/, 'a decimal number as a string');

/** ISO 8601 in UTC. */
export const timeSchema = z.iso.datetime({ offset: false });

/** Query parameters of every list. */
export const pageQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(5_000).default(100),
  cursor: z.string().max(1_000).optional(),
  sort: z.string().max(100).optional(),
});

/** The envelope of every list. `total` is null where counting would cost more than the page. */
export function listSchema<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable(), total: z.number().int().nullable() });
}

export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
  total: number | null;
}

/** An opaque cursor of a keyset page. bigint survive as decimal strings. */
export function encodeCursor(parts: readonly (string | number | bigint | null)[]): string {
  return Buffer.from(JSON.stringify(parts.map((part) => (typeof part === 'bigint' ? part.toString() : part)))).toString('base64url');
}

/**
 * The parts of a cursor.
 * @returns null where the text is not a cursor of `length` parts: the caller answers 400
 */
export function decodeCursor(cursor: string, length: number): (string | number | null)[] | null {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (!Array.isArray(parts) || parts.length !== length) return null;
    return parts.every((part) => part === null || typeof part === 'string' || typeof part === 'number') ? parts : null;
  } catch {
    return null;
  }
}
