import { z } from 'zod';
import { recordAudit } from '#lib/access/record-audit.ts';
import { WaybillError } from '#lib/errors.ts';
import type { Masking } from '#lib/masking/compile-masking.ts';
import { maskRecord, type MaskedRecord, redactError } from '#lib/masking/mask-record.ts';
import { allows, type Principal } from '#lib/model/access.ts';
import { listRows, prepareSearch } from '#lib/store/dead-letters/list-rows.ts';
import { readBodies, type DeadLetterBody } from '#lib/store/dead-letters/read-bodies.ts';
import type { Store } from '#lib/store/store.ts';
import { deadLetterFilterSchema, toRowWire, type DeadLetterRowWire } from './list-dead-letters.ts';
import { base64, wireHeaders, type WireRecord } from './record-wire.ts';

export const exportQuerySchema = deadLetterFilterSchema.extend({
  /** Rows at most. */
  limit: z.coerce.number().int().min(1).max(1_000_000).default(100_000),
  /** With key, value and headers; needs the role operator. */
  bytes: z.enum(['true', 'false']).default('false'),
});

/** One line of an export: a dead letter as the list has it, with its whole error, and its bytes where they were asked for. */
export interface ExportedDeadLetter extends Omit<DeadLetterRowWire, 'error'> {
  error: DeadLetterRowWire['error'] & { stack: string | null };
  bytes?: (Pick<WireRecord, 'keyBase64' | 'valueBase64' | 'headers' | 'headerNamesBase64' | 'masked'> & { body: 'stored' | 'by-reference' | 'expired' }) | undefined;
}

/** Values are at most 1 MB each: a page of these fits in memory. */
const ROWS_A_PAGE = 500;
const ROWS_A_PAGE_WITH_BYTES = 40;

/**
 * Dead letters under a filter as lines of JSON, newest first, read page by page as they are taken: rows that arrive in between are not in it. With bytes, an audit line is written first.
 * @throws WaybillError `forbidden` 403 where bytes are asked for without the role operator, before the first line
 */
export async function* exportDeadLetters(store: Store, query: z.output<typeof exportQuerySchema>, asker: Pick<Principal, 'name' | 'role'>, masking: Masking, signal: AbortSignal): AsyncGenerator<string> {
  const { limit, bytes, ...filter } = query;
  const withBytes = bytes === 'true';
  refuseBytes(withBytes, asker);
  // As many payloads as there are leave Waybill in one request: who took them, and which, is kept.
  if (withBytes) await store.transaction((tx) => recordAudit(tx, asker, { action: 'dead-letters.export', target: filter.failure ?? filter.topic ?? filter.cluster ?? 'all', after: { filter, limit } }));
  const search = await prepareSearch(store, filter);
  const pageRows = withBytes ? ROWS_A_PAGE_WITH_BYTES : ROWS_A_PAGE;
  let before: bigint | null = null;
  for (let left = limit; left > 0 && !signal.aborted; ) {
    const rows = await listRows(store, search, before, Math.min(left, pageRows));
    const bodies = new Map((await readBodies(store, rows, withBytes ? 'bytes' : 'error')).map((body) => [`${body.topicId}:${body.partition}:${body.offset}`, body]));
    for (const row of rows) {
      const wire = toRowWire(row);
      const body = bodies.get(`${row.topicId}:${row.partition}:${row.offset}`);
      const shown = body ? maskRecord({ key: body.key, value: body.value, headers: body.headerNames.map((name, index) => [name, body.headerValues[index] ?? null] as const), valueElsewhere: body.valueByReference }, masking.of(row.topic, row.originTopic), true) : null;
      const error = { ...wire.error, message: body?.errorMessageFull ?? wire.error.message, stack: body?.errorStack ?? null };
      const line: ExportedDeadLetter = { ...wire, error: shown ? redactError(error, shown.secrets) : error, ...(withBytes && body && shown ? { bytes: bytesOf(body, shown) } : {}) };
      yield `${JSON.stringify(line)}\n`;
    }
    left -= rows.length;
    before = rows.at(-1)?.seq ?? null;
    if (rows.length < Math.min(pageRows, left + rows.length)) return;
  }
}

/** Every record's payload at once is more than a look at one. */
export function refuseBytes(withBytes: boolean, asker: Pick<Principal, 'name' | 'role'>): void {
  if (withBytes && !allows(asker.role, 'operator')) throw new WaybillError('forbidden', `Exporting keys, values and headers needs the role operator; ${asker.name} has the role ${asker.role}.`, { status: 403, detail: { needs: 'operator', has: asker.role } });
}

function bytesOf(body: DeadLetterBody, shown: MaskedRecord): ExportedDeadLetter['bytes'] {
  return {
    keyBase64: base64(shown.key),
    valueBase64: base64(shown.value),
    ...wireHeaders(shown.headers),
    masked: shown.masked,
    body: body.expired ? 'expired' : body.valueByReference ? 'by-reference' : 'stored',
  };
}
