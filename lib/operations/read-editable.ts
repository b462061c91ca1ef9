import { createHash } from 'node:crypto';
import { findJsonFault } from '#lib/decoding/find-json-fault.ts';
import { readWireFormat } from '#lib/decoding/wire-format.ts';
import type { Masking } from '#lib/masking/compile-masking.ts';
import { maskRecord } from '#lib/masking/mask-record.ts';
import { formatDeadLetterId, type RecordBytes } from '#lib/model/replay.ts';
import { editableText, lineEndsOf } from '#lib/replay/edit-record.ts';
import { isLeftOut } from '#lib/replay/plan-headers.ts';
import { readBytes, type DeadLetterDetail } from '#lib/store/dead-letters/read-row.ts';
import type { Store } from '#lib/store/store.ts';
import { askBroker } from './ask-broker.ts';
import { MAX_EDITED_HEADERS, MAX_EDITED_KEY_BYTES, MAX_EDITED_VALUE_BYTES, schemaCheckSchema, type SchemaCheck, type WireEditable } from './edit-wire.ts';
import { findDeadLetter } from './get-dead-letter.ts';

export interface EditableRecord {
  row: DeadLetterDetail;
  /** null: nothing can be edited, `wire.refusal` says why. */
  record: RecordBytes | null;
  /** What stands before the text of the value. */
  prefix: Buffer;
  wire: WireEditable;
}

export interface EditableContext {
  principal: string;
  masking: Masking;
  headersToStrip: (cluster: string, dialect: string | null) => readonly string[];
  signal?: AbortSignal;
}

/**
 * What of a dead letter can be edited, as text that comes out as the same bytes where nothing is changed.
 * @throws WaybillError `dead-letter-not-found` 404, and what askBroker throws where the value begins like a registry's wire format
 */
export async function readEditable(store: Store, id: string, context: EditableContext): Promise<EditableRecord> {
  const row = await findDeadLetter(store, id);
  const bytes = await readBytes(store, row);
  const record: RecordBytes | null = bytes && { key: bytes.key, value: bytes.value, headers: bytes.headerNames.map((name, index) => [name, bytes.headerValues[index] ?? null] as const) };
  const strip = context.headersToStrip(row.cluster, row.dialect);
  const refusal =
    record === null ? 'The stored bytes have expired: there is nothing to edit.'
    : bytes?.valueByReference ? 'The value is too large to keep in the store, and so to edit here. Replay it as it is.'
    : maskRecord(record, context.masking.of(row.topic, row.originTopic), true).masked !== null ? 'A masking rule hides parts of this record. A masked record cannot be edited: what would be sent is not what the editor could show. Replay it as it is.'
    : null;
  const empty = { text: null, isNull: false, refusal };
  const base = { deadLetterId: formatDeadLetterId(row), cluster: row.cluster, generation: row.generation, originTopic: row.originTopic, refusal };
  if (record === null || refusal !== null) {
    return { row, record: null, prefix: Buffer.alloc(0), wire: { ...base, key: empty, value: { ...empty, format: 'text', lineEnds: 'lf', schemaId: null, encoding: null, sha256: null }, headers: [], headersRefusal: refusal } };
  }
  const { prefix, value } = await readValue(store, row, record.value, context);
  return {
    row,
    record,
    prefix,
    wire: {
      ...base,
      key: readKey(record.key),
      value: { ...value, sha256: sha256(record.value)?.toString('hex') ?? null },
      headers: record.headers.slice(0, MAX_EDITED_HEADERS).map(([name, header], index) => {
        const [nameText, text] = [editableText(name), header === null ? null : editableText(header)];
        return {
          original: index,
          name: nameText ?? name.toString('latin1'),
          text: text !== null && text.length <= 4_096 ? text : null,
          isNull: header === null,
          bytes: header?.length ?? 0,
          editable: nameText !== null && (header === null || (text !== null && text.length <= 4_096 && !/[\r\n]/.test(text))),
          leftOut: isLeftOut(name.toString('latin1'), strip),
        };
      }),
      headersRefusal: record.headers.length > MAX_EDITED_HEADERS ? `The record has ${record.headers.length} headers; up to ${MAX_EDITED_HEADERS} can be edited here. They are sent as they are.` : null,
    },
  };
}

/** SHA-256 of bytes; null of null. */
export function sha256(bytes: Buffer | null): Buffer | null {
  return bytes === null ? null : createHash('sha256').update(bytes).digest();
}

/** Asks the collector that knows the registry. @throws what askBroker throws */
export async function askSchema(store: Store, clusterId: number, params: { schemaId: number; text: string | null; payloadBase64: string | null }, context: Pick<EditableContext, 'principal' | 'signal'>): Promise<SchemaCheck> {
  const [answer] = await askBroker(store, { clusterId, kind: 'check-edit', params, principal: context.principal, ...(context.signal ? { signal: context.signal } : {}) });
  return schemaCheckSchema.parse(answer);
}

function readKey(key: Buffer | null): WireEditable['key'] {
  if (key === null) return { text: null, isNull: true, refusal: null };
  const text = key.length > MAX_EDITED_KEY_BYTES ? null : editableText(key);
  if (text !== null && !text.includes('\r')) return { text, isNull: false, refusal: null };
  return { text: null, isNull: false, refusal: text === null ? 'The key is not text: it is sent as it is.' : 'The key holds line ends that a browser’s editor would change: it is sent as it is.' };
}

async function readValue(store: Store, row: DeadLetterDetail, value: Buffer | null, context: EditableContext): Promise<{ prefix: Buffer; value: Omit<WireEditable['value'], 'sha256'> }> {
  const plain = { text: null, isNull: false, refusal: null, format: 'text' as const, lineEnds: 'lf' as const, schemaId: null, encoding: null };
  const none = Buffer.alloc(0);
  const refuse = (refusal: string, schemaId: number | null = null) => ({ prefix: none, value: { ...plain, refusal, schemaId } });
  if (value === null) return { prefix: none, value: { ...plain, isNull: true } };
  if (value.length > MAX_EDITED_VALUE_BYTES) return refuse(`The value has ${value.length} bytes; up to ${MAX_EDITED_VALUE_BYTES} can be edited here. It is sent as it is.`);
  const framed = readWireFormat(value);
  if (framed === null) {
    const text = editableText(value);
    if (text === null) return refuse('The value is not text: its bytes are not UTF-8, or hold control characters. It is sent as it is.');
    return { prefix: none, value: { ...plain, text, format: findJsonFault(withoutMark(text)) === null && /^\s*[[{]/.test(withoutMark(text)) ? 'json' : 'text', lineEnds: lineEndsOf(text) } };
  }
  const { schemaId } = framed;
  const payload = Buffer.from(framed.payload.buffer, framed.payload.byteOffset, framed.payload.byteLength);
  const schema = await askSchema(store, row.clusterId, { schemaId, text: null, payloadBase64: payload.toString('base64') }, context);
  if (schema.type === null) {
    return refuse(schema.error === null ? `The value begins like a schema registry’s wire format (schema ${schemaId}), and no registry is configured for this cluster: Waybill cannot tell how to write it. It is sent as it is.` : `The value is written with schema ${schemaId}, which could not be had: ${schema.error}. It is sent as it is.`, schemaId);
  }
  const prefix = value.subarray(0, value.length - framed.payload.length);
  if (schema.type === 'AVRO') {
    if (schema.json === null) return refuse(`The value is Avro (schema ${schemaId}) and cannot be edited here: ${schema.error ?? 'it could not be read'}. Key and headers can. It is sent as it is.`, schemaId);
    return { prefix, value: { ...plain, text: schema.json, format: 'json', schemaId, encoding: 'avro' } };
  }
  if (schema.type === 'PROTOBUF') return refuse(`The value is Protobuf (schema ${schemaId}). Waybill reads it and does not write it, so the value cannot be edited here; key and headers can. It is sent as it is.`, schemaId);
  const text = editableText(framed.payload);
  if (text === null) return refuse(`The value is written with the JSON schema ${schemaId} and is not text behind it. It is sent as it is.`, schemaId);
  return { prefix, value: { ...plain, text, format: 'json', lineEnds: lineEndsOf(text), schemaId } };
}

/** A byte order mark is no JSON and many producers write it: it is kept and not judged. */
export function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}
