import { asText, ByteReader, DecodingError } from './byte-reader.ts';

// Confluent's client for Python registers a Protobuf schema as the serialised google.protobuf.FileDescriptorProto in base64, not as text.
// Confluent's registry gives such a schema back as text, Apicurio's as it came. It is written as text here, so that there is one way to read schemas.

/** A message with those declared in it, in the order that message indexes count. */
export interface MessageNode {
  /** Full name: "shop.Order.Line". */
  name: string;
  nested: MessageNode[];
}

export interface FileDescriptor {
  /** The schema as text. */
  text: string;
  messages: MessageNode[];
}

/** A serialised descriptor in base64 has none of the signs that every schema's text has. */
const BASE64 = /^[A-Za-z0-9+/\s]+={0,2}\s*$/;
const MOST_DEPTH = 50;
const TYPES = ['', 'double', 'float', 'int64', 'uint64', 'int32', 'fixed64', 'fixed32', 'bool', 'string', 'group', '', 'bytes', 'uint32', '', 'sfixed32', 'sfixed64', 'sint32', 'sint64'];
const REPEATED = 3;
const REQUIRED = 2;

/**
 * Reads a schema that is a serialised FileDescriptorProto; null where it is text.
 * @throws DecodingError where the bytes are no descriptor
 */
export function readFileDescriptor(schema: string): FileDescriptor | null {
  if (!BASE64.test(schema)) return null;
  const file = fieldsOf(Buffer.from(schema, 'base64'));
  const packageName = text(file, 2);
  const syntax = text(file, 12);
  const proto3 = syntax === 'proto3';
  const lines = [syntax === 'editions' ? 'edition = "2023";' : `syntax = "${proto3 ? 'proto3' : 'proto2'}";`, ...(packageName === '' ? [] : [`package ${word(packageName)};`]), ...all(file, 3).map((name) => `import "${path(asText(name))}";`)];
  const messages = all(file, 4).map((message) => writeMessage(message, packageName, proto3, lines, 0));
  for (const one of all(file, 5)) writeEnum(one, lines);
  return { text: lines.join('\n'), messages };
}

type Fields = Map<number, (bigint | Uint8Array)[]>;

function fieldsOf(bytes: Uint8Array): Fields {
  const reader = new ByteReader(bytes);
  const fields: Fields = new Map();
  while (!reader.done) {
    reader.spend();
    const tag = Number(reader.varint());
    const wire = tag & 7;
    const value = wire === 0 ? reader.varint() : wire === 1 ? reader.take(8) : wire === 2 ? reader.take(reader.length(reader.varint())) : wire === 5 ? reader.take(4) : null;
    if (value === null) throw new DecodingError('it is no file descriptor');
    const known = fields.get(tag >>> 3);
    if (known) known.push(value);
    else fields.set(tag >>> 3, [value]);
  }
  return fields;
}

function all(fields: Fields, id: number): Uint8Array[] {
  return (fields.get(id) ?? []).filter((value) => value instanceof Uint8Array);
}

function text(fields: Fields, id: number): string {
  const value = all(fields, id).at(-1);
  return value === undefined ? '' : asText(value);
}

function number(fields: Fields, id: number): number | null {
  const value = fields.get(id)?.at(-1);
  return typeof value === 'bigint' ? Number(BigInt.asIntN(32, value)) : null;
}

/** A name goes into the text as it is: nothing else may. */
function word(name: string): string {
  if (!/^\.?[A-Za-z_][\w.]*$/.test(name)) throw new DecodingError('a name in the file descriptor is none');
  return name;
}

function path(name: string): string {
  if (!/^[\w./ -]+$/.test(name)) throw new DecodingError('an import in the file descriptor is none');
  return name;
}

function writeMessage(bytes: Uint8Array, inside: string, proto3: boolean, lines: string[], depth: number): MessageNode {
  if (depth > MOST_DEPTH) throw new DecodingError('the schema is nested too deeply');
  const message = fieldsOf(bytes);
  const own = word(text(message, 1));
  const name = inside === '' ? own : `${inside}.${own}`;
  lines.push(`message ${own} {`);
  const entries = new Map<string, Fields>();
  const nested = all(message, 3).map((one): MessageNode => {
    const fields = fieldsOf(one);
    // A map is a repeated message in a descriptor: its entry counts among the nested messages, and is written as map<>.
    if (number(fieldsOf(all(fields, 7).at(-1) ?? new Uint8Array()), 7) !== 1) return writeMessage(one, name, proto3, lines, depth + 1);
    entries.set(`.${name}.${text(fields, 1)}`, fields);
    return { name: `${name}.${text(fields, 1)}`, nested: [] };
  });
  for (const one of all(message, 4)) writeEnum(one, lines);
  const oneofs = all(message, 8).map((one) => word(text(fieldsOf(one), 1)));
  const grouped = new Map<number, string[]>();
  for (const field of all(message, 2).map(fieldsOf)) {
    const oneof = number(field, 17) === 1 ? null : number(field, 9);
    const line = writeField(field, entries, proto3, oneof !== null);
    if (oneof === null) lines.push(line);
    else grouped.set(oneof, [...(grouped.get(oneof) ?? []), line]);
  }
  for (const [index, fields] of grouped) lines.push(`oneof ${oneofs[index] ?? `oneof_${index}`} {`, ...fields, '}');
  lines.push('}');
  return { name, nested };
}

function writeField(field: Fields, entries: ReadonlyMap<string, Fields>, proto3: boolean, inOneof: boolean): string {
  const [name, id, label] = [word(text(field, 1)), number(field, 3), number(field, 4)];
  const entry = entries.get(text(field, 6));
  if (entry) {
    const [key, value] = [1, 2].map((of) => all(entry, 2).map(fieldsOf).find((one) => number(one, 3) === of));
    if (!key || !value) throw new DecodingError('a map in the file descriptor has no key or no value');
    return `map<${typeOf(key)}, ${typeOf(value)}> ${name} = ${id};`;
  }
  const before = inOneof ? '' : label === REPEATED ? 'repeated ' : label === REQUIRED ? 'required ' : !proto3 || number(field, 17) === 1 ? 'optional ' : '';
  return `${before}${typeOf(field)} ${name} = ${id};`;
}

function typeOf(field: Fields): string {
  const named = text(field, 6);
  const type = named === '' ? TYPES[number(field, 5) ?? 0] : word(named);
  if (!type) throw new DecodingError('a field in the file descriptor has no type');
  return type;
}

function writeEnum(bytes: Uint8Array, lines: string[]): void {
  const fields = fieldsOf(bytes);
  lines.push(`enum ${word(text(fields, 1))} {`, 'option allow_alias = true;');
  for (const value of all(fields, 2).map(fieldsOf)) lines.push(`${word(text(value, 1))} = ${number(value, 2) ?? 0};`);
  lines.push('}');
}
