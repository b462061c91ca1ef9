import { z } from 'zod';
import { WaybillError } from '#lib/errors.ts';
import { formatDeadLetterId } from '#lib/model/replay.ts';
import { countFailureRows, listFailureRows, readFailureHours, readFailurePlaces, type FailureCount } from '#lib/store/dead-letters/list-failure-rows.ts';
import type { Store } from '#lib/store/store.ts';
import { decodeCursor, encodeCursor, listSchema, pageQuerySchema, timeSchema, type Page } from '#lib/wire.ts';

export const failuresQuerySchema = z.object({
  cluster: z.string().max(64).optional(),
  search: z.string().max(200).optional(),
  id: z.string().max(100).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: pageQuerySchema.shape.cursor,
});

export const failureSchema = z.object({
  id: z.string(),
  cluster: z.string(),
  /** new: unhandled dead letters. regressed: it came back after replays were processed or rows were archived. watched: replayed, outcome open. quiet: nothing to do. */
  state: z.enum(['new', 'regressed', 'replaying', 'watched', 'quiet', 'muted']),
  errorClass: z.string().nullable(),
  rootClass: z.string().nullable(),
  /** Top application frame. */
  frame: z.string().nullable(),
  /** Without its variable parts. */
  message: z.string().nullable(),
  /** `tombstone` or a media type, where it tells this failure from another of the same error. */
  payload: z.string().nullable(),
  sampleId: z.string(),
  count: z.number().int(),
  /** How many rows are in each state. */
  states: z.record(z.string(), z.number().int()),
  firstSeenAt: timeSchema,
  lastSeenAt: timeSchema,
  topics: z.array(z.string()),
  /** null: origin unknown. */
  originTopics: z.array(z.string().nullable()),
  originGroups: z.array(z.string().nullable()),
  /** New rows an hour for the last 24 hours, oldest first. */
  trend: z.array(z.number().int()),
  /** When the broker takes the first of its rows that wait; null: nothing does. */
  expiresAt: timeSchema.nullable(),
  /** When the first stored bytes of a row that waits are let go here, and with them its replay; null: none are stored, or it is not known how long. */
  bytesExpireAt: timeSchema.nullable(),
  /** Who looks after it. */
  owner: z.string().nullable(),
  note: z.string().nullable(),
  mutedUntil: timeSchema.nullable(),
});
export type FailureWire = z.infer<typeof failureSchema>;
export const failureListSchema = listSchema(failureSchema);

const HOUR_MS = 3_600_000;
const HOURS = 24;
const DAY_MS = 24 * HOUR_MS;

/**
 * Failures (dead letters of one cause), last seen first, with what became of their rows.
 * @param bodyDays how long stored bytes are kept; left out: not known here
 * @throws WaybillError `invalid-cursor` 400
 */
export async function listFailures(store: Store, query: z.infer<typeof failuresQuerySchema>, now: Date, bodyDays?: number): Promise<Page<FailureWire>> {
  let before: { lastSeenAt: Date; id: string } | null = null;
  if (query.cursor !== undefined) {
    const parts = decodeCursor(query.cursor, 2);
    const at = new Date(String(parts?.[0]));
    if (!parts || Number.isNaN(at.getTime())) throw new WaybillError('invalid-cursor', 'The cursor is not one of this list.');
    before = { lastSeenAt: at, id: String(parts[1]) };
  }
  const rows = await listFailureRows(store, query, before, query.limit + 1);
  const page = rows.slice(0, query.limit);
  const ids = page.map((row) => row.id);
  const from = new Date(Math.floor(now.getTime() / HOUR_MS) * HOUR_MS - (HOURS - 1) * HOUR_MS);
  const [counts, hours, places] = ids.length === 0 ? [[], [], []] : await Promise.all([countFailureRows(store, ids), readFailureHours(store, ids, from), readFailurePlaces(store, ids, bodyDays === undefined ? null : startOfDay(now.getTime() - bodyDays * DAY_MS))]);
  const countsOf = Map.groupBy(counts, (count) => count.failureId);
  const hoursOf = Map.groupBy(hours, (hour) => hour.failureId);
  const placeOf = new Map(places.map((place) => [place.failureId, place]));

  const items = page.map((row): FailureWire => {
    const of = countsOf.get(row.id) ?? [];
    const place = placeOf.get(row.id);
    const states: Record<string, number> = {};
    const trend = Array.from({ length: HOURS }, () => 0);
    for (const { state, count } of of) states[state] = count;
    for (const { hour, count } of hoursOf.get(row.id) ?? []) {
      const index = Math.round((hour.getTime() - from.getTime()) / HOUR_MS);
      if (index >= 0 && index < HOURS) trend[index] = (trend[index] ?? 0) + count;
    }
    return {
      id: row.id,
      cluster: row.cluster,
      state: failureState(of, row.mutedUntil, now),
      errorClass: row.errorClass,
      rootClass: row.rootClass,
      frame: row.frame,
      message: row.message,
      payload: row.payload,
      sampleId: formatDeadLetterId({ topicId: row.sampleTopicId, partition: row.samplePartition, offset: row.sampleOffset }),
      count: Number(row.count),
      states,
      firstSeenAt: row.firstSeenAt.toISOString(),
      lastSeenAt: row.lastSeenAt.toISOString(),
      topics: place?.topics ?? [],
      originTopics: place?.originTopics ?? [],
      originGroups: place?.originGroups ?? [],
      trend,
      expiresAt: place?.expiresAt?.toISOString() ?? null,
      bytesExpireAt: bodyDays === undefined || !place?.oldestBytesAt ? null : new Date(startOfDay(place.oldestBytesAt.getTime()).getTime() + (bodyDays + 1) * DAY_MS).toISOString(),
      owner: row.owner,
      note: row.note,
      mutedUntil: row.mutedUntil?.toISOString() ?? null,
    };
  });
  const last = page.at(-1);
  return { items, nextCursor: rows.length > query.limit && last ? encodeCursor([last.lastSeenAt.toISOString(), last.id]) : null, total: query.cursor === undefined && rows.length <= query.limit ? rows.length : null };
}

/** One failure as the list shows it; null where there is none. */
export async function getFailure(store: Store, id: string, now: Date, bodyDays?: number): Promise<FailureWire | null> {
  return (await listFailures(store, { id, limit: 1 }, now, bodyDays)).items[0] ?? null;
}

/** Bytes are kept and dropped by whole days of UTC (prune-store.ts): a day goes once its last moment is old enough. */
function startOfDay(ms: number): Date {
  return new Date(Math.floor(ms / DAY_MS) * DAY_MS);
}

function failureState(counts: readonly FailureCount[], mutedUntil: Date | null, now: Date): FailureWire['state'] {
  if (mutedUntil && mutedUntil > now) return 'muted';
  const latest = (states: readonly string[], at: 'lastIngestedAt' | 'lastStateAt') =>
    counts.filter((count) => states.includes(count.state)).reduce<Date | null>((newest, count) => (newest === null || (count[at] ?? newest) > newest ? count[at] : newest), null);
  if (counts.some((count) => count.state === 'replaying')) return 'replaying';
  const open = latest(['new', 'failed-again', 'parked'], 'lastIngestedAt');
  // Put aside by a person is handled too: what comes after that is a regression.
  const settled = latest(['processed', 'archived'], 'lastStateAt');
  if (open !== null) return settled !== null && open > settled ? 'regressed' : 'new';
  return counts.some((count) => ['replayed', 'consumed', 'retrying'].includes(count.state)) ? 'watched' : 'quiet';
}
