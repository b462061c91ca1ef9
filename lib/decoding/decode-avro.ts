import { asText, ByteReader, DecodingError } from './byte-reader.ts';

// Avro 1.12 binary encoding. Our own reader and not a library's: those compile JavaScript from the schema, which anybody who may register one
// writes, and trust the counts in the data. Checked against avsc in its test.

type Read = (reader: ByteReader, depth: number) => unknown;
type Named = Map<string, Read>;

const MOST_DEPTH = 100;

/**
 * Makes a decoder of an Avro schema. int and long become bigint, records and maps Map, bytes and fixed Uint8Array, decimals their text; unions are their
 * value.
 * @param references schemas whose named types this one uses, those first that others need
 * @throws DecodingError where the schema is not one
 */
export function compileAvro(schema: string, references: readonly string[] = []): (bytes: Uint8Array) => unknown {
  const named: Named = new Map();
  for (const reference of references) compile(parse(reference), '', named, 0);
  const read = compile(parse(schema), '', named, 0);
  return (bytes) => {
    const reader = new ByteReader(bytes);
    const value = read(reader, 0);
    if (!reader.done) throw new DecodingError(`${bytes.length - reader.at} bytes are left over: it was written with another schema`);
    return value;
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A bare name is a schema too: the registry gives "string" without quotes at times.
    return text.trim();
  }
}

const PRIMITIVES: Readonly<Record<string, Read>> = {
  null: () => null,
  boolean: (reader) => reader.byte() !== 0,
  int: (reader) => reader.zigzag(),
  long: (reader) => reader.zigzag(),
  float: (reader) => reader.float(),
  double: (reader) => reader.double(),
  bytes: (reader) => reader.take(reader.length(reader.zigzag())),
  string: (reader) => asText(reader.take(reader.length(reader.zigzag()))),
};

function compile(schema: unknown, namespace: string, named: Named, depth: number): Read {
  if (depth > MOST_DEPTH) throw new DecodingError('the schema is nested too deeply');
  if (typeof schema === 'string') {
    const read = Object.hasOwn(PRIMITIVES, schema) ? PRIMITIVES[schema] : undefined;
    if (read) return counted(read);
    const name = fullName(schema, namespace);
    // Looked up when it is used: a record may refer to itself.
    return (reader, level) => (named.get(name) ?? named.get(schema) ?? unknownType(schema))(reader, level);
  }
  if (Array.isArray(schema)) {
    const branches = schema.map((branch) => compile(branch, namespace, named, depth + 1));
    return (reader, level) => {
      const branch = branches[Number(reader.zigzag())];
      if (!branch) throw new DecodingError('a union names a branch that the schema does not have');
      return branch(reader, level);
    };
  }
  if (typeof schema !== 'object' || schema === null) throw new DecodingError('the schema is not an Avro schema');
  const { type } = schema as { type?: unknown };
  switch (type) {
    case 'record':
    case 'error':
      return compileRecord(schema as AvroRecord, namespace, named, depth);
    case 'enum': {
      const symbols = list((schema as { symbols?: unknown }).symbols).map(String);
      return define(schema, namespace, named, counted((reader) => symbols[Number(reader.zigzag())] ?? missingSymbol()));
    }
    case 'fixed': {
      const size = Number((schema as { size?: unknown }).size);
      return define(schema, namespace, named, logical(schema, counted((reader) => reader.take(size))));
    }
    case 'array': {
      const items = compile((schema as { items?: unknown }).items, namespace, named, depth + 1);
      return nested((reader, level) => {
        const found: unknown[] = [];
        eachBlockItem(reader, () => found.push(items(reader, level)));
        return found;
      });
    }
    case 'map': {
      const values = compile((schema as { values?: unknown }).values, namespace, named, depth + 1);
      return nested((reader, level) => {
        const found = new Map<string, unknown>();
        eachBlockItem(reader, () => found.set(asText(reader.take(reader.length(reader.zigzag()))), values(reader, level)));
        return found;
      });
    }
    default:
      if (type === undefined) throw new DecodingError('the schema has a part without a type');
      return logical(schema, compile(type, namespace, named, depth + 1));
  }
}

interface AvroRecord {
  name?: unknown;
  namespace?: unknown;
  fields?: unknown;
}

function compileRecord(schema: AvroRecord, namespace: string, named: Named, depth: number): Read {
  const inside = namespaceOf(schema, namespace);
  const fields: { name: string; read: Read }[] = [];
  // Known by its name before its fields are compiled: one of them may be the record itself.
  const read = define(schema, namespace, named, nested((reader, level) => {
    const found = new Map<string, unknown>();
    for (const field of fields) found.set(field.name, field.read(reader, level));
    return found;
  }));
  for (const field of list(schema.fields) as { name?: unknown; type?: unknown }[]) fields.push({ name: String(field.name), read: compile(field.type, inside, named, depth + 1) });
  return read;
}

/** Blocks of an array or map: a count, or a negative one with the block's bytes after it; 0 ends. */
function eachBlockItem(reader: ByteReader, item: () => void): void {
  for (;;) {
    let count = reader.zigzag();
    if (count === 0n) return;
    if (count < 0n) {
      count = -count;
      reader.zigzag();
    }
    for (; count > 0n; count -= 1n) {
      // Items may take no bytes at all (null): their number alone must not be believed.
      reader.spend();
      item();
    }
  }
}

function counted(read: Read): Read {
  return (reader, level) => {
    reader.spend();
    return read(reader, level);
  };
}

function nested(read: Read): Read {
  return (reader, level) => {
    if (level >= MOST_DEPTH) throw new DecodingError('it is nested too deeply');
    reader.spend();
    return read(reader, level + 1);
  };
}

function logical(schema: object, read: Read): Read {
  const { logicalType, scale } = schema as { logicalType?: unknown; scale?: unknown };
  if (logicalType !== 'decimal') return read;
  const digits = Number(scale ?? 0);
  return (reader, level) => {
    const bytes = read(reader, level);
    return bytes instanceof Uint8Array && bytes.length <= 64 && digits >= 0 && digits <= 100 ? decimalText(bytes, digits) : bytes;
  };
}

/** Two's complement, big-endian, with the point `scale` digits from the right. */
function decimalText(bytes: Uint8Array, scale: number): string {
  let unscaled = 0n;
  for (const byte of bytes) unscaled = (unscaled << 8n) | BigInt(byte);
  unscaled = BigInt.asIntN(Math.max(8, bytes.length * 8), unscaled);
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  const point = digits.length - scale;
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, point)}${scale > 0 ? `.${digits.slice(point)}` : ''}`;
}

function define(schema: AvroRecord, namespace: string, named: Named, read: Read): Read {
  if (typeof schema.name !== 'string') throw new DecodingError('the schema has a type without a name');
  named.set(fullName(schema.name, namespaceOf(schema, namespace)), read);
  return read;
}

function namespaceOf(schema: AvroRecord, inherited: string): string {
  if (typeof schema.name === 'string' && schema.name.includes('.')) return schema.name.slice(0, schema.name.lastIndexOf('.'));
  return typeof schema.namespace === 'string' ? schema.namespace : inherited;
}

function fullName(name: string, namespace: string): string {
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;
}

function list(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new DecodingError('the schema lacks a list');
  return value;
}

function unknownType(name: string): never {
  throw new DecodingError(`the schema does not define the type ${name.slice(0, 200)}`);
}

function missingSymbol(): never {
  throw new DecodingError('an enum names a symbol that the schema does not have');
}
