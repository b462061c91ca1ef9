import { z } from 'zod';
import { WaybillError } from '#lib/errors.ts';
import { FINDING_KINDS } from '#lib/model/hygiene.ts';
import { countFindings, readFindings, readLooks, type FindingsFilter } from '#lib/store/hygiene/findings.ts';
import type { Store } from '#lib/store/store.ts';
import { decodeCursor, encodeCursor, listSchema, pageQuerySchema } from '#lib/wire.ts';
import { findingSchema, lookSchema, toFinding, toLook } from './finding-shape.ts';

const several = <Word extends z.ZodType>(word: Word) => z.union([z.array(word), word.transform((one) => [one])]).optional();

export const listFindingsQuerySchema = pageQuerySchema.omit({ sort: true }).extend({
  cluster: z.string().max(64).optional(),
  kind: several(z.enum(FINDING_KINDS)),
  severity: several(z.enum(['critical', 'warning', 'info'])),
  state: z.enum(['open', 'muted', 'resolved', 'all']).default('open'),
  /** Part of the name of a topic, group or service. */
  search: z.string().max(249).optional(),
});

const countSchema = z.object({ kind: z.enum(FINDING_KINDS), severity: z.enum(['critical', 'warning', 'info']), state: z.enum(['open', 'muted', 'resolved']), count: z.number().int() });

export const findingsSchema = listSchema(findingSchema).extend({
  /** Of all findings of the cluster, whatever else is filtered. */
  counts: z.array(countSchema),
  /** When each detector last looked, and what it could not know. A detector that is not in the list has not looked yet. */
  looks: z.array(lookSchema),
});
export type Findings = z.infer<typeof findingsSchema>;

/**
 * What is wrong with the way events are written, read and passed on, worst first, with what was looked at.
 * @throws WaybillError `bad-cursor` 400
 */
export async function listFindings(store: Store, query: z.output<typeof listFindingsQuerySchema>, now: Date): Promise<Findings> {
  const start = query.cursor === undefined ? [0] : decodeCursor(query.cursor, 1);
  const from = start?.[0];
  if (typeof from !== 'number' || !Number.isInteger(from) || from < 0) throw new WaybillError('bad-cursor', 'The cursor is not one that this list gave. Start without one.');
  const filter: FindingsFilter = { cluster: query.cluster ?? null, kinds: query.kind ?? [], severities: query.severity ?? [], search: query.search?.trim() ?? '', state: query.state };
  const [rows, matching, counts, looks] = await Promise.all([
    readFindings(store, filter, now, { limit: query.limit + 1, offset: from }),
    countFindings(store, filter, now),
    countFindings(store, { ...filter, kinds: [], severities: [], search: '' }, now),
    readLooks(store, filter.cluster),
  ]);
  return {
    items: rows.slice(0, query.limit).map((row) => toFinding(row, now)), nextCursor: rows.length > query.limit ? encodeCursor([from + query.limit]) : null,
    total: matching.filter((one) => query.state === 'all' || one.state === query.state).reduce((sum, one) => sum + one.count, 0), counts, looks: looks.map(toLook),
  };
}
