import protobuf from 'protobufjs';
import { asText, ByteReader, DecodingError } from './byte-reader.ts';
import { type MessageNode, readFileDescriptor } from './read-file-descriptor.ts';

// Protobuf by its schema's text. protobufjs parses the text; its decoders are JavaScript compiled from it, and anybody who may register a schema
// writes that, so the bytes are read here, by the parsed fields.

export interface ProtobufReference {
  /** As the schema imports it: "common/money.proto". */
  name: string;
  schema: string;
}

const MOST_DEPTH = 100;

type AnyField = Pick<protobuf.FieldBase, 'type' | 'resolvedType'>;

/**
 * Makes a decoder, of a schema that is text or a serialised FileDescriptorProto in base64, of what follows a schema id: message indexes (zigzag varints: their number, then the way to the message; a single 0 is the first one),
 * then the message. Integers become bigint, messages Map by the field names of the schema, enums their name, bytes Uint8Array. Fields without presence that
 * are absent have their default, as Protobuf has it.
 * @throws DecodingError where the schema can't be read
 */
export function compileProtobuf(schema: string, references: readonly ProtobufReference[] = []): (payload: Uint8Array) => { value: unknown; name: string } {
  const root = new protobuf.Root();
  let own: MessageNode[];
  try {
    const described = readFileDescriptor(schema);
    const text = described?.text ?? schema;
    const imports = new Set<string>();
    for (const one of [...references.map((reference) => readFileDescriptor(reference.schema)?.text ?? reference.schema), text]) for (const file of protobuf.parse(one, root, { keepCase: true }).imports ?? []) imports.add(file);
    const common = [...imports].flatMap((file) => (COMMON.get(file) ? [COMMON.get(file)!] : []));
    for (const nested of new Set(common)) root.addJSON(nested);
    root.resolveAll();
    // In a root of its own: in the shared one messages of one package stand together, whatever file they are from.
    const alone = protobuf.parse(text, new protobuf.Root(), { keepCase: true });
    own = described?.messages ?? messagesOf(alone.package === null ? alone.root : alone.root.lookup(alone.package ?? ''));
  } catch (error) {
    throw new DecodingError(`the Protobuf schema can't be read: ${error instanceof Error ? error.message.slice(0, 300) : String(error)}`);
  }
  return (payload) => {
    const reader = new ByteReader(payload);
    const type = messageAt(root, own, readIndexes(reader));
    return { value: readMessage(reader, type, reader.bytes.length, 0), name: type.fullName.replace(/^\./, '') };
  };
}

/** Google's own types come with the library, not with the registry: what each file defines. */
const COMMON = new Map(
  ['any', 'duration', 'timestamp', 'empty', 'struct', 'wrappers', 'field_mask'].map((name): [string, Record<string, protobuf.AnyNestedObject>] => {
    const file = `google/protobuf/${name}.proto`;
    return [file, (protobuf.common.get(file) as { nested?: Record<string, protobuf.AnyNestedObject> } | null)?.nested ?? {}];
  }),
);

/** The messages of one file in the order of their declaration, as the indexes count them. */
function messagesOf(inside: protobuf.ReflectionObject | null): MessageNode[] {
  if (!(inside instanceof protobuf.Namespace)) return [];
  return inside.nestedArray.filter((one) => one instanceof protobuf.Type).map((type) => ({ name: type.fullName.replace(/^\./, ''), nested: messagesOf(type) }));
}

function readIndexes(reader: ByteReader): number[] {
  const count = reader.zigzag();
  if (count === 0n) return [0];
  if (count < 0n || count > 32n) throw new DecodingError('the message indexes make no sense');
  return Array.from({ length: Number(count) }, () => Number(reader.zigzag()));
}

function messageAt(root: protobuf.Root, own: readonly MessageNode[], indexes: readonly number[]): protobuf.Type {
  let named: MessageNode | undefined;
  for (const [depth, index] of indexes.entries()) named = (depth === 0 ? own : named?.nested)?.[index];
  const type = named ? root.lookup(`.${named.name}`) : null;
  if (!(type instanceof protobuf.Type)) throw new DecodingError('the message indexes name a message that the schema does not have');
  return type;
}

function readMessage(reader: ByteReader, type: protobuf.Type, end: number, depth: number): Map<string, unknown> {
  if (depth > MOST_DEPTH) throw new DecodingError('it is nested too deeply');
  reader.spend();
  const found = new Map<string, unknown>();
  for (const field of type.fieldsArray) {
    if (field instanceof protobuf.MapField) found.set(field.name, new Map());
    else if (field.repeated) found.set(field.name, []);
    else if (!field.hasPresence) found.set(field.name, defaultOf(field));
  }
  while (reader.at < end) {
    const tag = Number(reader.varint());
    const [id, wire] = [tag >>> 3, tag & 7];
    const field = type.fieldsById[id];
    if (!field) {
      skip(reader, wire, 0);
      continue;
    }
    if (field instanceof protobuf.MapField) readEntry(reader, field, found.get(field.name) as Map<unknown, unknown>, depth);
    else if (field.repeated) {
      const list = found.get(field.name) as unknown[];
      if (wire === 2 && isPackable(field)) {
        const stop = reader.at + reader.length(reader.varint());
        while (reader.at < stop) list.push(readValue(reader, field, scalarWire(field), depth));
      } else list.push(readValue(reader, field, wire, depth));
    } else found.set(field.name, readValue(reader, field, wire, depth));
  }
  if (reader.at !== end) throw new DecodingError('a message ends in the middle of a field');
  return found;
}

function readEntry(reader: ByteReader, field: protobuf.MapField, into: Map<unknown, unknown>, depth: number): void {
  const stop = reader.at + reader.length(reader.varint());
  let key: unknown = field.keyType === 'string' ? '' : field.keyType === 'bool' ? false : 0n;
  let value: unknown = field.resolvedType instanceof protobuf.Type ? new Map() : defaultOf(field);
  while (reader.at < stop) {
    const tag = Number(reader.varint());
    if (tag >>> 3 === 1) key = readScalar(reader, field.keyType);
    else if (tag >>> 3 === 2) value = readValue(reader, field, tag & 7, depth);
    else skip(reader, tag & 7, 0);
  }
  into.set(key, value);
}

function readValue(reader: ByteReader, field: AnyField, wire: number, depth: number): unknown {
  const { resolvedType } = field;
  if (resolvedType instanceof protobuf.Enum) {
    reader.spend();
    const number = Number(BigInt.asIntN(32, reader.varint()));
    return resolvedType.valuesById[number] ?? BigInt(number);
  }
  if (resolvedType instanceof protobuf.Type) {
    if (wire === 3) throw new DecodingError('groups are not decoded here');
    const length = reader.length(reader.varint());
    return readMessage(reader, resolvedType, bounded(reader, length), depth + 1);
  }
  return readScalar(reader, field.type);
}

function bounded(reader: ByteReader, length: number): number {
  if (reader.at + length > reader.bytes.length) throw new DecodingError('the bytes end too early');
  return reader.at + length;
}

function readScalar(reader: ByteReader, type: string): unknown {
  reader.spend();
  switch (type) {
    case 'double':
      return reader.double();
    case 'float':
      return reader.float();
    case 'int32':
      return BigInt.asIntN(32, reader.varint());
    case 'int64':
      return BigInt.asIntN(64, reader.varint());
    case 'uint32':
      return BigInt.asUintN(32, reader.varint());
    case 'uint64':
      return reader.varint();
    case 'sint32':
    case 'sint64':
      return reader.zigzag();
    case 'fixed32':
      return BigInt(reader.fixed32());
    case 'sfixed32':
      return BigInt(reader.fixed32() | 0);
    case 'fixed64':
      return reader.fixed64();
    case 'sfixed64':
      return BigInt.asIntN(64, reader.fixed64());
    case 'bool':
      return reader.varint() !== 0n;
    case 'string':
      return asText(reader.take(reader.length(reader.varint())));
    case 'bytes':
      return reader.take(reader.length(reader.varint()));
    default:
      throw new DecodingError(`the type ${type.slice(0, 100)} is not known`);
  }
}

function isPackable(field: protobuf.Field): boolean {
  return field.resolvedType instanceof protobuf.Enum || (!field.resolvedType && field.type !== 'string' && field.type !== 'bytes');
}

function scalarWire(field: protobuf.Field): number {
  return ['double', 'fixed64', 'sfixed64'].includes(field.type) ? 1 : ['float', 'fixed32', 'sfixed32'].includes(field.type) ? 5 : 0;
}

function defaultOf(field: AnyField): unknown {
  if (field.resolvedType instanceof protobuf.Enum) return field.resolvedType.valuesById[0] ?? 0n;
  if (field.type === 'string') return '';
  if (field.type === 'bytes') return new Uint8Array(0);
  if (field.type === 'bool') return false;
  return field.type === 'double' || field.type === 'float' ? 0 : 0n;
}

function skip(reader: ByteReader, wire: number, depth: number): void {
  if (wire === 0) reader.varint();
  else if (wire === 1) reader.take(8);
  else if (wire === 2) reader.take(reader.length(reader.varint()));
  else if (wire === 5) reader.take(4);
  else if (wire === 3 && depth < MOST_DEPTH) {
    for (;;) {
      const inner = Number(reader.varint()) & 7;
      if (inner === 4) return;
      skip(reader, inner, depth + 1);
    }
  } else throw new DecodingError('a field has an unknown wire type');
}
