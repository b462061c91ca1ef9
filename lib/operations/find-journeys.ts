import type { JourneyRowWire } from './journey-wire.ts';
import { ENOUGH_JOURNEYS } from '#lib/journey/derive-path.ts';
import { eventReference, keyReference, spanReference } from '#lib/journey/references.ts';
import { findAlias, findByCoordinate, findById, findByReferences, findInTrace, findTracesOfKey, type JourneyListRow } from '#lib/store/journeys/find-journeys.ts';
import { readUsualDurations } from '#lib/store/journeys/expected-paths.ts';
import type { Statements, Store } from '#lib/store/store.ts';
import { journeyStates } from './journey-wire.ts';

export type MatchedAs = 'key' | 'trace' | 'coordinate' | 'journey';

export interface FoundJourneys {
  /** What the text was found as; where nothing was found, what it was taken for first. */
  as: MatchedAs;
  items: JourneyRowWire[];
}

const most = 50;
const mostSpansOfTrace = 2_000;

/**
 * Journeys by whatever a person has: a correlation id, a trace id (32 hex digits), `topic:partition@offset` (also
 * `topic p7@88123` as Waybill writes it), or a journey's own id. Says which it matched. Several journeys can be in one trace.
 */
export async function findJourneys(store: Store, input: { text: string }): Promise<FoundJourneys> {
  const text = input.text.trim();
  const at = parseCoordinate(text);
  if (at !== null) {
    const rows = await findByCoordinate(store, at, most);
    if (rows.length > 0) return { as: 'coordinate', items: await toRowsWire(store, rows) };
  }
  const byKey = await findByKey(store, text);
  if (byKey.length > 0) return { as: 'key', items: await toRowsWire(store, byKey) };
  const trace = text.toLowerCase().replaceAll('-', '');
  if (/^[0-9a-f]{32}$/.test(trace)) {
    if (text.includes('-')) {
      const id = text.toLowerCase();
      const own = await findById(store, (await findAlias(store, id)) ?? id);
      if (own !== null) return { as: 'journey', items: await toRowsWire(store, [own]) };
    }
    const rows = await findByTrace(store, trace);
    if (rows.length > 0 || !text.includes('-')) return { as: 'trace', items: await toRowsWire(store, rows) };
  }
  return { as: at === null ? 'key' : 'coordinate', items: [] };
}

/** `orders:7@88123`, `orders/7/88123` or `orders p7@88123`; topics hold dots and dashes, never colons. */
export function parseCoordinate(text: string): { topic: string; partition: number; offset: bigint } | null {
  const match = /^([\w.-]{1,249})(?::| p|\/)(\d{1,9})(?:@|\/)(\d{1,19})$/.exec(text);
  if (match === null) return null;
  const offset = BigInt(match[3]!);
  return offset > 9_223_372_036_854_775_807n ? null : { topic: match[1]!, partition: Number(match[2]), offset };
}

async function findByKey(store: Store, key: string): Promise<JourneyListRow[]> {
  if (key.length === 0 || key.length > 256) return [];
  const rows = await findByReferences(store, [keyReference(key), eventReference(key)], most);
  if (rows.length > 0) return rows;
  // A bulk request's own id: its events have ids of their own, and lie in its traces.
  const found = new Map<string, JourneyListRow>();
  for (const traceId of await findTracesOfKey(store, key, 5)) for (const row of await findByTrace(store, traceId)) found.set(row.id, row);
  return [...found.values()].slice(0, most);
}

async function findByTrace(store: Store, traceId: string): Promise<JourneyListRow[]> {
  const spans = await findInTrace(store, traceId, mostSpansOfTrace);
  const references = new Set<string>();
  for (const span of spans) {
    references.add(spanReference(traceId, span.spanId));
    for (let link = 0; link < span.links; link++) references.add(`${spanReference(traceId, span.spanId)}#${link}`);
    if (span.key !== null && span.topic !== null) references.add(keyReference(span.key));
  }
  const rows = await findByReferences(store, [...references], most);
  if (rows.length > 0) return rows;
  // Only consumers of it are known, by their coordinates.
  const found = new Map<string, JourneyListRow>();
  for (const span of spans.filter((each) => each.topic !== null && each.partition !== null && each.offset !== null).slice(0, 20)) {
    for (const row of await findByCoordinate(store, { topic: span.topic!, partition: span.partition!, offset: span.offset! }, most)) found.set(row.id, row);
  }
  return [...found.values()];
}

/** Stored rows in the words of the API. */
export async function toRowsWire(on: Statements, rows: readonly JourneyListRow[]): Promise<JourneyRowWire[]> {
  const durations = await readUsualDurations(on, [...new Set(rows.flatMap((row) => row.entryType ?? []))], ENOUGH_JOURNEYS);
  return rows.map((row) => toRowWire(row, durations.get(row.entryType ?? '') ?? null));
}

function toRowWire(row: JourneyListRow, usualP95Ms: number | null): JourneyRowWire {
  return {
    id: row.id, key: row.key, keyBy: row.keyBy, state: journeyStates.find((state) => state === row.state) ?? 'unknown', verdict: row.verdict, type: row.entryType, hopCount: row.hopCount, lastHop: row.lastHop,
    startedAt: row.startedAt.toISOString(), lastActivityAt: row.lastActivityAt.toISOString(),
    usualP95Ms,
    expected: row.expected === null ? null : { hops: row.expected, done: row.done ?? 0, missing: row.missing ?? [], extra: row.extra ?? 0, slow: row.slowStep === null ? null : { step: row.slowStep, overMs: row.slowOverMs ?? 0 } },
  };
}
