import { z } from 'zod';
import { WaybillError } from '#lib/errors.ts';
import type { Masking } from '#lib/masking/compile-masking.ts';
import { maskRecord } from '#lib/masking/mask-record.ts';
import { allows, type Principal, type Role } from '#lib/model/access.ts';
import { countRows, prepareSearch, type DeadLetterRow } from '#lib/store/dead-letters/list-rows.ts';
import { matchValues, readCandidates, readRowsBySeq, type Candidate } from '#lib/store/dead-letters/match-values.ts';
import { readBodies } from '#lib/store/dead-letters/read-bodies.ts';
import type { Store } from '#lib/store/store.ts';
import { decodeCursor, encodeCursor, listSchema, pageQuerySchema } from '#lib/wire.ts';
import { deadLetterFilterSchema, deadLetterRowSchema, toRowWire } from './list-dead-letters.ts';

/** Who may search values; off: nobody. */
export type ValueSearchRole = Role | 'off';

export const searchValuesQuerySchema = deadLetterFilterSchema.extend({
  /** As it stands in the value; case matters only beyond ASCII. */
  value: z.string().trim().min(2).max(200),
  /** Rows found at most. */
  limit: z.coerce.number().int().min(1).max(200).default(100),
  cursor: pageQuerySchema.shape.cursor,
});
export const searchValuesSchema = listSchema(deadLetterRowSchema).extend({
  /** Rows that were looked at by this request; `nextCursor` goes on behind them. `total`: rows under the filter; null: over 10,000 and not kept. */
  searched: z.number().int(),
  /** Of these, rows whose value could not be looked into. */
  notSearched: z.object({ expired: z.number().int(), tooLarge: z.number().int() }),
  /** Rows of which only the first bytes were looked at (`bytesSearched`). */
  partly: z.number().int(),
  bytesSearched: z.number().int(),
  stopped: z.enum(['end', 'limit', 'rows', 'time']),
});
export type ValueSearchWire = z.infer<typeof searchValuesSchema>;

/** Of each value; what tells an event apart stands at its head. */
const BYTES_A_VALUE = 262_144;
/** Bounds of one request: a person sees how far it came and goes on. */
const ROWS_A_REQUEST = 20_000;
const MS_A_REQUEST = 2_000;
/** Bounds of one statement. */
const ROWS_A_STEP = 2_000;
const BYTES_A_STEP = 16_777_216;

/**
 * Searches the stored values of dead letters under a filter, newest first, until one of its bounds ends it: exact about how many rows it looked
 * at and which values it could not look into. No index is kept for it. What masking hides is not found.
 * @throws WaybillError `forbidden` 403 where the setting asks for a higher role or turns it off, `invalid-cursor` 400
 */
export async function searchValues(store: Store, query: z.output<typeof searchValuesQuerySchema>, asker: Pick<Principal, 'name' | 'role'>, settings: { needs: ValueSearchRole; masking: Masking }, signal: AbortSignal): Promise<ValueSearchWire> {
  const { value, limit, cursor, ...filter } = query;
  refuseValueSearch(settings.needs, asker);
  let before: bigint | null = null;
  if (cursor !== undefined) {
    const parts = decodeCursor(cursor, 1);
    if (!parts || !/^\d{1,19}$/u.test(String(parts[0]))) throw new WaybillError('invalid-cursor', 'The cursor is not one of this search.');
    before = BigInt(String(parts[0]));
  }
  const startedMs = performance.now();
  const search = await prepareSearch(store, filter);
  const total = countRows(store, search);
  const found: DeadLetterRow[] = [];
  const answer = { searched: 0, notSearched: { expired: 0, tooLarge: 0 }, partly: 0, bytesSearched: BYTES_A_VALUE };
  let stopped: ValueSearchWire['stopped'] | null = null;
  while (stopped === null) {
    const candidates = await readCandidates(store, search, before, ROWS_A_STEP);
    if (candidates.length === 0) stopped = 'end';
    for (const step of steps(candidates)) {
      signal.throwIfAborted();
      const { rows, states } = await matchStep(store, step, textsOf(value), settings.masking);
      const room = limit - found.length;
      found.push(...rows.slice(0, room));
      // Rows behind the last one that is shown are looked at again by the next request.
      const looked = rows.length > room ? step.slice(0, step.findIndex((row) => row.seq === rows[room - 1]!.seq) + 1) : step;
      before = looked.at(-1)!.seq;
      answer.searched += looked.length;
      for (const row of looked) {
        const state = states.get(row.seq);
        if (state === 'partly') answer.partly += 1;
        else if (state !== undefined) answer.notSearched[state] += 1;
      }
      if (found.length >= limit) stopped = 'limit';
      else if (answer.searched >= ROWS_A_REQUEST) stopped = 'rows';
      else if (performance.now() - startedMs >= MS_A_REQUEST) stopped = 'time';
      if (stopped !== null) break;
    }
    if (stopped === null && candidates.length < ROWS_A_STEP) stopped = 'end';
  }
  const count = await total;
  return { items: found.map(toRowWire), nextCursor: stopped === 'end' || before === null ? null : encodeCursor([before]), total: count === null ? null : Number(count), ...answer, stopped };
}

/** @throws WaybillError `forbidden` 403 */
export function refuseValueSearch(needs: ValueSearchRole, asker: Pick<Principal, 'name' | 'role'>): void {
  const reason = whyNoValueSearch(needs, asker.role);
  if (reason !== null) throw new WaybillError('forbidden', reason, { status: 403, detail: { needs, has: asker.role } });
}

/** Why somebody with this role can't search values; null where they can. */
export function whyNoValueSearch(needs: ValueSearchRole, role: Role): string | null {
  if (needs === 'off') return 'Searching in values is turned off (WAYBILL_VALUE_SEARCH).';
  return allows(role, needs) ? null : `Searching in values needs the role ${needs}; you have the role ${role}.`;
}

/** Matching rows, newest first, and which values could not be looked into, or only in part. */
async function matchStep(store: Store, step: readonly Candidate[], texts: readonly string[], masking: Masking): Promise<{ rows: DeadLetterRow[]; states: Map<bigint, 'expired' | 'tooLarge' | 'partly'> }> {
  const stored = step.filter((row) => row.valueBytes !== null && row.bodyDay !== null);
  const looked = stored.length === 0 ? [] : await matchValues(store, stored, texts, BYTES_A_VALUE);
  const here = new Map(looked.map((row) => [row.seq, row]));
  const states = new Map<bigint, 'expired' | 'tooLarge' | 'partly'>();
  for (const row of step) {
    const look = here.get(row.seq);
    // A tombstone has nothing to look into.
    if (row.valueBytes === null) continue;
    if (look === undefined) states.set(row.seq, 'expired');
    else if (look.byReference) states.set(row.seq, 'tooLarge');
    else if (row.valueBytes > BYTES_A_VALUE) states.set(row.seq, 'partly');
  }
  const matching = looked.filter((row) => row.matches).map((row) => row.seq);
  const rows = matching.length === 0 ? [] : await readRowsBySeq(store, matching);
  return { rows: masking.isOff ? rows : await withoutHidden(store, rows, texts, masking), states };
}

/** Rows that still have the text once the rules of masking were applied. */
async function withoutHidden(store: Store, rows: readonly DeadLetterRow[], texts: readonly string[], masking: Masking): Promise<DeadLetterRow[]> {
  const kept: DeadLetterRow[] = [];
  for (const row of rows) {
    const mask = masking.of(row.topic, row.originTopic);
    if (mask !== null) {
      const [body] = await readBodies(store, [row], 'bytes');
      if (!body) continue;
      const shown = maskRecord({ key: body.key, value: body.value, headers: body.headerNames.map((name, index) => [name, body.headerValues[index] ?? null] as const) }, mask, true);
      if (shown.value === null || !hasText(shown.value, texts)) continue;
    }
    kept.push(row);
  }
  return kept;
}

function hasText(value: Uint8Array, texts: readonly string[]): boolean {
  const lower = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, BYTES_A_VALUE)).toString('latin1').replaceAll(/[A-Z]+/gu, (letters) => letters.toLowerCase());
  const within = lower(value);
  return texts.some((text) => within.includes(lower(Buffer.from(text))));
}

/** What is looked for: the text as typed, and as JSON that escapes all but ASCII writes it. */
function textsOf(value: string): string[] {
  const escaped = value.replaceAll(/[^\0-\x7f]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return escaped === value ? [value] : [value, escaped];
}

/** Candidates in statements of bounded bytes. */
function* steps(candidates: readonly Candidate[]): Generator<Candidate[]> {
  let step: Candidate[] = [];
  let bytes = 0;
  for (const row of candidates) {
    step.push(row);
    bytes += Math.min(row.valueBytes ?? 0, BYTES_A_VALUE);
    if (bytes >= BYTES_A_STEP) {
      yield step;
      step = [];
      bytes = 0;
    }
  }
  if (step.length > 0) yield step;
}
