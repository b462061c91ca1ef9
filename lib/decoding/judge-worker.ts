import { parentPort, workerData } from 'node:worker_threads';
import { DecodingError } from './byte-reader.ts';
import { compileAvro } from './decode-avro.ts';
import { compileProtobuf } from './decode-protobuf.ts';
import { type JsonPath, parseJsonPath } from '#lib/masking/json-path.ts';
import { maskStructure } from '#lib/masking/mask-structure.ts';
import { MASKED } from '#lib/masking/masked-text.ts';
import { compileFilter, type FilterInput } from './compile-filter.ts';
import { type Decoded, type FromWorker, type Judged, type KnownSchema, MOST_DECODED_BYTES, PHASE, PROGRESS, type RecordToJudge, type ToWorker } from './judging.ts';
import { parseJson } from './parse-json.ts';
import { timestampOf } from './timestamp.ts';
import { toJsonText } from './to-json-text.ts';
import { readWireFormat } from './wire-format.ts';

// The thread in which records are decoded and judged. Both the schemas and the filter are written by people: whoever owns this thread watches its
// progress and ends it when a step takes too long (open-judge.ts).

type Read = (payload: Uint8Array) => { value: unknown; name: string | null };
interface Side {
  shown: Decoded | null;
  /** As the filter sees it. */
  value: unknown;
  error: string | null;
}

const progress = new Int32Array((workerData as { progress: SharedArrayBuffer }).progress);
const schemas = new Map<number, { read: Read; format: 'avro' | 'protobuf' | 'json' } | { error: string }>();
let filter: ((input: FilterInput) => { matched: boolean; error: string | null }) | null = null;

function at(phase: number, record: number): void {
  Atomics.store(progress, PROGRESS.phase, phase);
  Atomics.store(progress, PROGRESS.record, record);
  Atomics.add(progress, PROGRESS.step, 1);
}

parentPort?.on('message', (message: ToWorker) => {
  parentPort?.postMessage(message.kind === 'filter' ? compile(message.text) : { kind: 'judged', judged: judge(message) });
  at(PHASE.idle, 0);
});

function compile(text: string): FromWorker {
  at(PHASE.compiling, 0);
  const compiled = compileFilter(text);
  if ('invalid' in compiled) return { kind: 'invalid', ...compiled.invalid };
  filter = compiled.filter;
  return { kind: 'ready' };
}

function judge({ records, schemas: given, mostJsonChars }: Extract<ToWorker, { kind: 'records' }>): Judged[] {
  for (const schema of given) schemas.set(schema.id, open(schema));
  return records.map((record, index) => {
    at(PHASE.decoding, index);
    const key = decode(record.key, record.keySchema, [], mostJsonChars);
    const value = decode(record.value, record.valueSchema, record.maskPaths, mostJsonChars);
    if (filter === null) return { matched: true, error: null, key: key.shown, value: value.shown };
    at(PHASE.filtering, index);
    const result = filter({ key: key.value, value: value.value, headers: headersOf(record), offset: record.offset, partition: BigInt(record.partition), timestamp: timestampOf(record.timestampMs) });
    // That its value could not be decoded explains more than what the filter made of it.
    return { matched: result.matched, error: result.error === null ? null : (value.error ?? key.error ?? result.error), key: key.shown, value: value.shown };
  });
}

function open(schema: KnownSchema): { read: Read; format: 'avro' | 'protobuf' | 'json' } | { error: string } {
  if ('error' in schema) return schema;
  try {
    switch (schema.type) {
      case 'AVRO': {
        const read = compileAvro(schema.text, schema.references.map((reference) => reference.schema));
        const name = nameOf(schema.text);
        return { format: 'avro', read: (payload) => ({ value: read(payload), name }) };
      }
      case 'PROTOBUF':
        return { format: 'protobuf', read: compileProtobuf(schema.text, schema.references) };
      case 'JSON':
        return { format: 'json', read: (payload) => ({ value: parseJson(new TextDecoder('utf-8', { fatal: true }).decode(payload)), name: null }) };
    }
  } catch (error) {
    return { error: textOf(error) };
  }
}

function nameOf(schema: string): string | null {
  try {
    const { name, namespace } = JSON.parse(schema) as { name?: unknown; namespace?: unknown };
    return typeof name !== 'string' ? null : typeof namespace === 'string' && !name.includes('.') ? `${namespace}.${name}` : name;
  } catch {
    return null;
  }
}

const parsedPaths = new Map<string, JsonPath>();

function pathOf(text: string): JsonPath {
  let path = parsedPaths.get(text);
  if (!path) {
    path = parseJsonPath(text);
    parsedPaths.set(text, path);
  }
  return path;
}

function decode(bytes: Uint8Array | null, schemaId: number | null, maskPaths: readonly string[], mostJsonChars: number): Side {
  if (bytes === null) return { shown: null, value: null, error: null };
  // Nobody can tell where the fields are in what is not decoded.
  const undecoded = maskPaths.length === 0 ? bytes : MASKED;
  if (bytes.length > MOST_DECODED_BYTES) return { shown: null, value: undecoded, error: `larger than ${MOST_DECODED_BYTES} bytes: not decoded` };
  const wire = schemaId === null ? null : readWireFormat(bytes);
  if (schemaId === null || wire === null) return { shown: null, value: filter === null ? null : plainValue(bytes), error: null };
  const schema = schemas.get(schemaId) ?? { error: 'its schema was not read' };
  if ('error' in schema) return { shown: { schemaId, error: schema.error }, value: undecoded, error: schema.error };
  try {
    const { value: read, name } = schema.read(wire.payload);
    const value = maskPaths.length === 0 ? read : maskStructure(read, maskPaths.map(pathOf));
    return { shown: { format: schema.format, schemaId, name, ...toJsonText(value, mostJsonChars) }, value, error: null };
  } catch (error) {
    // A parser's error quotes what it could not read.
    const text = maskPaths.length === 0 ? textOf(error) : 'it could not be decoded; why is not told, because a masking rule names fields of it';
    return { shown: { schemaId, error: text }, value: undecoded, error: text };
  }
}

/** Without a schema: JSON objects and lists as such, other text as text, the rest as bytes. */
function plainValue(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return bytes;
  }
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}

/** By name; of repeated names the last one counts, as Kafka's `lastHeader`. */
function headersOf(record: RecordToJudge): Map<string, unknown> {
  const lenient = new TextDecoder('utf-8', { ignoreBOM: true });
  return new Map(record.headers.map(([name, value]) => [lenient.decode(name), value === null ? null : lenient.decode(value)]));
}

function textOf(error: unknown): string {
  if (error instanceof DecodingError) return error.message;
  return error instanceof Error ? error.message.slice(0, 300) : String(error);
}
