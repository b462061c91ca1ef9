import { z } from 'zod';
import { WaybillError } from '#lib/errors.ts';
import type { Masking } from '#lib/masking/compile-masking.ts';
import { maskRecord, redactError } from '#lib/masking/mask-record.ts';
import { redactText } from '#lib/masking/redact-text.ts';
import { EDITABLE_PARTS, formatDeadLetterId, parseDeadLetterId } from '#lib/model/replay.ts';
import { readArchivings } from '#lib/store/dead-letters/archive-rows.ts';
import type { DeadLetterFilter } from '#lib/store/dead-letters/filter-dead-letters.ts';
import { readBytes, readNeighbours, readReplays, readRow, type DeadLetterDetail } from '#lib/store/dead-letters/read-row.ts';
import type { Store } from '#lib/store/store.ts';
import { offsetSchema, timeSchema } from '#lib/wire.ts';
import { deadLetterRowSchema, toRowWire } from './list-dead-letters.ts';
import { base64, maskedSchema, wireHeaders } from './record-wire.ts';

export const deadLetterSchema = deadLetterRowSchema.extend({
  error: z.object({ class: z.string().nullable(), rootClass: z.string().nullable(), message: z.string().nullable(), stack: z.string().nullable() }),
  keyBase64: z.string().nullable(),
  /** null: a tombstone, or not here (`body`). */
  valueBase64: z.string().nullable(),
  headers: z.array(z.tuple([z.string(), z.string().nullable()])),
  masked: maskedSchema,
  /** The names' bytes, where one of them is not valid UTF-8. */
  headerNamesBase64: z.array(z.string()).nullable(),
  /** stored: all bytes are here. by-reference: the value is read from the broker. expired: the stored bytes are gone. */
  body: z.enum(['stored', 'by-reference', 'expired']),
  /** The topic was deleted since. */
  topicDeletedAt: timeSchema.nullable(),
  traceId: z.string().nullable(),
  archivedReason: z.string().nullable(),
  /** Put into the archive and taken out of it, newest first. */
  archivings: z.array(z.object({ id: z.string(), verb: z.enum(['archive', 'restore']), createdBy: z.string(), createdAt: timeSchema, reason: z.string(), was: z.string() })),
  replays: z.array(
    z.object({
      id: z.string(),
      generation: z.number().int(),
      state: z.string(),
      sentTo: z.object({ topic: z.string(), partition: z.number().int(), offset: offsetSchema }).nullable(),
      sentAt: timeSchema.nullable(),
      refusal: z.string().nullable(),
      createdBy: z.string(),
      reason: z.string(),
      createdAt: timeSchema,
      /** Parts that were edited before it was sent; null: it went out as it is. */
      edited: z.array(z.enum(EDITABLE_PARTS)).nullable(),
    }),
  ),
});
export type DeadLetterWire = z.infer<typeof deadLetterSchema>;

/**
 * One dead letter with its bytes, error and replays, as the rules of masking let it be shown.
 * @throws WaybillError `dead-letter-not-found` 404
 */
export async function getDeadLetter(store: Store, id: string, masking: Masking): Promise<DeadLetterWire> {
  const row = await findDeadLetter(store, id);
  const [bytes, replays, archivings] = await Promise.all([readBytes(store, row), readReplays(store, row), readArchivings(store, row)]);
  const headers = (bytes?.headerNames ?? []).map((name, index) => [name, bytes?.headerValues[index] ?? null] as const);
  const shown = maskRecord({ key: bytes?.key ?? null, value: bytes?.value ?? null, headers, valueElsewhere: bytes?.valueByReference ?? false }, masking.of(row.topic, row.originTopic), true);
  const wire = toRowWire(row);
  return {
    ...wire,
    // What was stored before there was a rule may quote what it hides; the same for the id.
    error: redactError({ class: row.errorClass, rootClass: row.rootClass, message: row.errorMessageFull, stack: row.errorStack }, shown.secrets),
    correlationId: wire.correlationId !== null && redactText(wire.correlationId, shown.secrets) === wire.correlationId ? wire.correlationId : null,
    keyBase64: base64(shown.key),
    valueBase64: base64(shown.value),
    ...wireHeaders(shown.headers),
    masked: shown.masked,
    body: bytes === null ? 'expired' : bytes.valueByReference ? 'by-reference' : 'stored',
    topicDeletedAt: row.topicDeletedAt?.toISOString() ?? null,
    traceId: row.traceId?.toString('hex') ?? null,
    archivedReason: row.archivedReason,
    archivings: archivings.map((one) => ({ ...one, createdAt: one.createdAt.toISOString() })),
    replays: replays.map((replay) => ({
      id: replay.id,
      generation: replay.generation,
      state: replay.state,
      sentTo: replay.targetTopic !== null && replay.sentPartition !== null && replay.sentOffset !== null ? { topic: replay.targetTopic, partition: replay.sentPartition, offset: replay.sentOffset.toString() } : null,
      sentAt: replay.sentAt?.toISOString() ?? null,
      refusal: replay.refusal,
      createdBy: replay.createdBy,
      reason: replay.reason,
      createdAt: replay.createdAt.toISOString(),
      edited: replay.edited as (typeof EDITABLE_PARTS)[number][] | null,
    })),
  };
}

/** The row of a dead letter by its id. @throws WaybillError `dead-letter-not-found` 404 */
export async function findDeadLetter(store: Store, id: string): Promise<DeadLetterDetail> {
  const at = parseDeadLetterId(id);
  // An offset beyond PostgreSQL's bigint is no offset; the database would refuse the parameter.
  const row = at && at.offset <= 9_223_372_036_854_775_807n && at.topicId <= 2_147_483_647 && at.partition <= 2_147_483_647 ? await readRow(store, at) : null;
  if (!row) throw new WaybillError('dead-letter-not-found', `There is no dead letter ${id}.`, { status: 404 });
  return row;
}

/** Ids of the neighbours in the list under a filter. */
export async function getDeadLetterNeighbours(store: Store, id: string, filter: DeadLetterFilter): Promise<{ previous: string | null; next: string | null }> {
  const row = await findDeadLetter(store, id);
  const { previous, next } = await readNeighbours(store, filter, row.seq);
  return { previous: previous && formatDeadLetterId(previous), next: next && formatDeadLetterId(next) };
}
