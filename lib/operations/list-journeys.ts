import { z } from 'zod';
import { WaybillError } from '#lib/errors.ts';
import { countByState, listRows } from '#lib/store/journeys/find-journeys.ts';
import type { Store } from '#lib/store/store.ts';
import { decodeCursor, encodeCursor, type Page, pageQuerySchema } from '#lib/wire.ts';
import { findJourneys, type MatchedAs, toRowsWire } from './find-journeys.ts';
import { type JourneyRowWire, journeyStates } from './journey-wire.ts';

export const journeysQuerySchema = pageQuerySchema.omit({ sort: true }).extend({
  limit: z.coerce.number().int().min(1).max(500).default(50),
  /** Any of the below, told apart by its form. */
  q: z.string().max(300).optional(),
  key: z.string().max(256).optional(),
  traceId: z.string().regex(/^[0-9a-fA-F]{32}$/, '32 hex digits').optional(),
  at: z.string().max(300).regex(/^[\w.-]+:\d+@\d+$/, 'topic:partition@offset').optional(),
  /** States separated by commas. */
  state: z.string().max(200).optional(),
  /** Topic on which the journey began. */
  entryType: z.string().max(249).optional(),
  /** Id of an expected step whose time is over and that did not happen ("process notification-service stock"), or "any". */
  missing: z.string().max(1_000).optional(),
  /** With `missing`: only where the step's time was over in the last so many seconds. */
  withinSeconds: z.coerce.number().int().min(1).max(31 * 86_400).optional(),
  /** Journeys with a hop that the usual path never had, or with one far over its p95. */
  deviation: z.enum(['extra', 'slow']).optional(),
});
export type JourneysQuery = z.infer<typeof journeysQuerySchema>;

export interface JourneyList extends Page<JourneyRowWire> {
  matched: { as: MatchedAs; text: string } | null;
}

/**
 * Journeys: the latest, those in some states, those that miss a step of their usual path, or those that a correlation id, a trace id or a coordinate finds.
 * @throws WaybillError `invalid-cursor` 400, `invalid-request` 400 for an unknown state
 */
export async function listJourneys(store: Store, query: JourneysQuery, now: Date = new Date()): Promise<JourneyList> {
  const text = query.key ?? query.traceId ?? query.at ?? query.q;
  if (text !== undefined && text.trim() !== '') {
    const found = await findJourneys(store, { text });
    return { items: found.items, nextCursor: null, total: found.items.length, matched: { as: found.as, text: text.trim() } };
  }
  const states = query.state === undefined || query.state === '' ? null : query.state.split(',');
  const unknown = states?.find((state) => !journeyStates.some((known) => known === state));
  if (unknown !== undefined) throw new WaybillError('invalid-request', `"${unknown}" is not a state of a journey. There are: ${journeyStates.join(', ')}.`);
  let before: { at: Date; id: string } | null = null;
  if (query.cursor !== undefined) {
    const parts = decodeCursor(query.cursor, 2);
    const at = new Date(String(parts?.[0]));
    const id = String(parts?.[1]);
    if (parts === null || Number.isNaN(at.getTime()) || !/^[0-9a-f-]{36}$/.test(id)) throw new WaybillError('invalid-cursor', 'The cursor is not one of this list.');
    before = { at, id };
  }
  const within = query.missing === undefined ? undefined : query.withinSeconds;
  const rows = await listRows(store, {
    states, before, limit: query.limit + 1, entryType: query.entryType ?? null, missing: query.missing ?? null, missedSince: within === undefined ? null : new Date(now.getTime() - within * 1_000), deviation: query.deviation ?? null,
  });
  const page = rows.slice(0, query.limit);
  const last = page.at(-1);
  return { items: await toRowsWire(store, page), nextCursor: rows.length > query.limit && last ? encodeCursor([last.lastActivityAt.toISOString(), last.id]) : null, total: null, matched: null };
}

/** How many journeys of the last hour are in each state. */
export async function countJourneys(store: Store, input: { now: Date }): Promise<Record<string, number>> {
  const counts = await countByState(store, new Date(input.now.getTime() - 3_600_000));
  return Object.fromEntries(counts.map((each) => [each.state, each.count]));
}
