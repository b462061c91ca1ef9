import { findJsonFault } from '#lib/decoding/find-json-fault.ts';
import { WaybillError } from '#lib/errors.ts';
import type { Principal } from '#lib/model/access.ts';
import type { RecordBytes } from '#lib/model/replay.ts';
import { editRecord, type RecordEdit } from '#lib/replay/edit-record.ts';
import { isLeftOut } from '#lib/replay/plan-headers.ts';
import type { Store } from '#lib/store/store.ts';
import type { EditAndReplayRequest } from './edit-wire.ts';
import { askSchema, readEditable, sha256, withoutMark, type EditableContext, type EditableRecord } from './read-editable.ts';
import { replayDeadLetters, type ReplayInput } from './replay-dead-letters.ts';
import type { WireDryRun, WireReplayDetail } from './replay-wire.ts';

export interface EditAndReplayInput extends Omit<EditableContext, 'principal'> {
  id: string;
  principal: Pick<Principal, 'name'>;
  body: EditAndReplayRequest;
  idempotencyKey: string | null;
  approval: ReplayInput['approval'];
}

/**
 * Replays one dead letter with other bytes than it holds. The edited bytes are checked, bounded and stored whole with the intent, before
 * anything is sent; the dead letter's own are not touched. What follows is any replay: the same claim, transaction, recovery and outcome.
 * @throws WaybillError `dead-letter-not-found` 404, `not-editable` 409, `nothing-changed` 400, `value-not-json` 422, `schema-mismatch` 422,
 * `header-reserved` 422, `replay-conflict` 409, and what replayDeadLetters and askBroker throw
 */
export async function editAndReplay(store: Store, input: EditAndReplayInput): Promise<WireReplayDetail | WireDryRun> {
  const { body, principal } = input;
  const context = { ...input, principal: principal.name };
  const editable = await readEditable(store, input.id, context);
  const { row, record: original, wire } = editable;
  if (original === null) throw new WaybillError('not-editable', wire.refusal ?? 'This dead letter cannot be edited.', { status: 409 });
  const encoded = wire.value.encoding !== null && body.value ? await encodeValue(store, editable, body.value.text, context) : null;
  const edit = readEdit(body, editable, input.headersToStrip(row.cluster, row.dialect), encoded);
  const { record, changed } = editRecord(original, edit);
  if (changed.length === 0) throw new WaybillError('nothing-changed', 'Nothing differs from the dead letter. Replay it as it is, or change something.', { status: 400 });
  const warnings = encoded === null ? await checkValue(store, editable, body, changed.includes('value'), context) : [];
  const partitioning = body.partitioning ?? (changed.includes('key') ? 'key' : 'origin');
  const outcome = await replayDeadLetters(store, {
    principal,
    body: {
      selection: { ids: [{ id: wire.deadLetterId, generation: body.generation }] },
      ...(body.target === undefined ? {} : { target: body.target }),
      partitioning,
      reason: body.reason,
      mode: body.mode,
      overrideParked: body.overrideParked,
      dryRun: body.dryRun,
    },
    idempotencyKey: input.idempotencyKey,
    approval: input.approval,
    edit: {
      topicId: row.topicId,
      partition: row.partition,
      offset: row.offset,
      record,
      changed,
      editedBy: principal.name,
      originalSha256: sha256(original.value),
      editedSha256: sha256(record.value),
      schemaId: changed.includes('value') && record.value !== null ? wire.value.schemaId : null,
    },
    ...(input.signal ? { signal: input.signal } : {}),
  });
  if (!('dryRun' in outcome)) return outcome;
  return { ...outcome, warnings: [...warnings, ...aboutChange(original, record, changed, partitioning), ...outcome.warnings] };
}

/**
 * What was asked for, as bytes.
 * @param encoded the text of the value, written with its schema; null: the text is what is sent
 * @throws WaybillError `not-editable`, `header-reserved`
 */
function readEdit(body: EditAndReplayRequest, { prefix, wire, record }: EditableRecord, strip: readonly string[], encoded: Buffer | null): RecordEdit {
  const refuse = (refusal: string | null) => {
    if (refusal !== null) throw new WaybillError('not-editable', refusal, { status: 409 });
  };
  const edit: RecordEdit = {};
  if (body.key !== undefined) {
    refuse(wire.key.refusal);
    edit.key = body.key === null ? null : Buffer.from(body.key.text, 'utf8');
  }
  if (body.value !== undefined) {
    // A tombstone needs no schema and no text.
    if (body.value !== null) refuse(wire.value.refusal);
    edit.value = body.value === null ? null : Buffer.concat([prefix, encoded ?? Buffer.from(body.value.text, 'utf8')]);
  }
  if (body.headers !== undefined) {
    refuse(wire.headersRefusal);
    edit.headers = body.headers.map((one) => {
      if ('original' in one) {
        if (one.original >= (record?.headers.length ?? 0)) throw new WaybillError('invalid-request', `headers: the dead letter has no header ${one.original}; it has ${record?.headers.length ?? 0}, counted from 0.`, { status: 400 });
        return one;
      }
      if (isLeftOut(one.name, strip)) throw new WaybillError('header-reserved', `The header "${one.name}" is not sent on: it belongs to the failure, to a replication tool or to the replay itself. Choose another name.`, { status: 422, detail: { header: one.name } });
      return { name: Buffer.from(one.name, 'utf8'), value: one.value === null ? null : Buffer.from(one.value, 'utf8') };
    });
  }
  return edit;
}

/** The value's JSON, written with the schema that its bytes name. @throws WaybillError `value-not-json`, `schema-mismatch` */
async function encodeValue(store: Store, { row, wire }: EditableRecord, text: string, context: EditableContext): Promise<Buffer> {
  refuseNotJson(text);
  const schemaId = wire.value.schemaId!; // a value with an encoding has one
  const { encodedBase64, error, faults } = await askSchema(store, row.clusterId, { schemaId, text: withoutMark(text), payloadBase64: null }, context);
  if (encodedBase64 !== null) return Buffer.from(encodedBase64, 'base64');
  throw mismatch(schemaId, faults, error);
}

function refuseNotJson(text: string): void {
  const fault = findJsonFault(withoutMark(text));
  if (fault) throw new WaybillError('value-not-json', `The value is not JSON at line ${fault.line}, column ${fault.column}: ${fault.message}.`, { status: 422, detail: { ...fault } });
}

function mismatch(schemaId: number, faults: readonly { at: string; message: string }[], error: string | null): WaybillError {
  const [first] = faults;
  if (!first) return new WaybillError('schema-mismatch', `The value could not be checked against schema ${schemaId}: ${error ?? 'the schema registry does not answer as before'}.`, { status: 422 });
  return new WaybillError('schema-mismatch', `The value does not fit schema ${schemaId}: ${first.at || 'the value'} ${first.message}${faults.length > 1 ? `, and ${faults.length - 1} more` : ''}.`, { status: 422, detail: { schemaId, faults } });
}

/** @throws WaybillError `value-not-json`, `schema-mismatch` */
async function checkValue(store: Store, { row, wire }: EditableRecord, body: EditAndReplayRequest, changed: boolean, context: EditableContext): Promise<string[]> {
  if (!changed || body.value === undefined || body.value === null) return [];
  const { text } = body.value;
  const { schemaId } = wire.value;
  if (schemaId !== null || (body.format ?? wire.value.format) === 'json') refuseNotJson(text);
  if (schemaId === null) return wire.value.format === 'json' && body.format === 'text' ? ['The original is JSON; the edited value was not checked to be.'] : [];
  const found = await askSchema(store, row.clusterId, { schemaId, text, payloadBase64: null }, context);
  if (found.type !== 'JSON' || found.error !== null) throw mismatch(schemaId, [], found.error);
  if (found.faults.length > 0) throw mismatch(schemaId, found.faults, null);
  return found.unchecked.length > 0 ? [`The value fits schema ${schemaId} as far as it was checked. Not checked: ${found.unchecked.join(', ')}.`] : [];
}

function aboutChange(original: RecordBytes, record: RecordBytes, changed: readonly string[], partitioning: unknown): string[] {
  return [
    ...(record.value === null && original.value !== null ? ['The edited value is null: in a compacted topic it deletes the key.'] : []),
    ...(changed.includes('key') ? [partitioning === 'key' ? 'The key was edited: the record goes to the partition of its new key.' : 'The key was edited and the record stays in the partition of the old one: records of the new key lie elsewhere, and their order is not kept.'] : []),
  ];
}
