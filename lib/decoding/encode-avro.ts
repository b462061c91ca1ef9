import type { Json } from './json-values.ts';
import { nameOf } from './json-values.ts';

// Avro 1.12 binary encoding of JSON in the form in which decode-avro.ts and to-json-text.ts show it: bytes as base64, decimals as their text, a union as its
// value. Which branch of a union a value was written with that form does not tell: the first that takes it is used, and whoever
// edits a record has to see first that its own bytes come out again.

/** What does not fit the schema, and where. */
export class EncodingError extends Error {
  override readonly name = 'EncodingError';
  /** As a JSON pointer. */
  readonly at: string;
  constructor(at: string, message: string) {
    super(message);
    this.at = at;
  }
}

type Write = (value: Json, to: ByteWriter, at: string, depth: number) => void;
type Named = Map<string, Write>;

const MOST_DEPTH = 100;
/** Values that are tried to be written, those of branches that did not fit included. */
const MOST_STEPS = 300_000;

class ByteWriter {
  readonly parts: Buffer[] = [];
  private left = MOST_STEPS;

  step(at: string): void {
    this.left -= 1;
    if (this.left < 0) throw new EncodingError(at, 'it holds more than is written here');
  }

  put(bytes: Uint8Array): void {
    this.parts.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }

  /** LEB128 of a zigzag number of 64 bits. */
  zigzag(value: bigint): void {
    let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
    const bytes: number[] = [];
    while (rest > 0x7fn) {
      bytes.push(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    bytes.push(Number(rest));
    this.parts.push(Buffer.from(bytes));
  }
}

/**
 * Makes an encoder of an Avro schema.
 * @param references schemas whose named types this one uses, those first that others need
 * @throws EncodingError where the schema is not one; the encoder where a value does not fit
 */
export function compileAvroEncoder(schema: string, references: readonly string[] = []): (value: Json) => Buffer {
  const named: Named = new Map();
  for (const reference of references) compile(parse(reference), '', named, 0);
  const write = compile(parse(schema), '', named, 0);
  return (value) => {
    const to = new ByteWriter();
    // Each branch of a union that does not fit is an error made and caught; its stack would cost more than all the rest.
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    try {
      write(value, to, '', 0);
    } finally {
      Error.stackTraceLimit = limit;
    }
    return Buffer.concat(to.parts);
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text.trim(); // a bare name is a schema too
  }
}

function whole(least: bigint, most: bigint, what: string): Write {
  return (value, to, at) => {
    if (typeof value !== 'bigint' || value < least || value > most) throw new EncodingError(at, `must be ${what}, and is ${said(value)}`);
    to.zigzag(value);
  };
}

function floating(bytes: 4 | 8): Write {
  return (value, to, at) => {
    const number = typeof value === 'number' ? value : typeof value === 'bigint' ? Number(value) : value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? Number(value) : null;
    if (number === null) throw new EncodingError(at, `must be a number, and is ${said(value)}`);
    // Large numbers are spelled with as few digits as tell them apart: that is not less than they hold.
    if (typeof value === 'bigint' && BigInt(number) !== value && JSON.stringify(number) !== value.toString()) throw new EncodingError(at, `has more digits than a ${bytes === 4 ? 'float' : 'double'} holds: ${value}`);
    const buffer = Buffer.alloc(bytes);
    if (bytes === 4) buffer.writeFloatLE(number);
    else buffer.writeDoubleLE(number);
    to.put(buffer);
  };
}

const PRIMITIVES: Readonly<Record<string, Write>> = {
  null: (value, _to, at) => {
    if (value !== null) throw new EncodingError(at, `must be null, and is ${said(value)}`);
  },
  boolean: (value, to, at) => {
    if (typeof value !== 'boolean') throw new EncodingError(at, `must be true or false, and is ${said(value)}`);
    to.put(Buffer.from([value ? 1 : 0]));
  },
  int: whole(-(2n ** 31n), 2n ** 31n - 1n, 'a whole number of 32 bits'),
  long: whole(-(2n ** 63n), 2n ** 63n - 1n, 'a whole number of 64 bits'),
  float: floating(4),
  double: floating(8),
  bytes: (value, to, at) => sized(to, fromBase64(value, at)),
  string: (value, to, at) => {
    if (typeof value !== 'string') throw new EncodingError(at, `must be a string, and is ${said(value)}`);
    if (!value.isWellFormed()) throw new EncodingError(at, 'holds half of a character');
    sized(to, Buffer.from(value, 'utf8'));
  },
};

function compile(schema: unknown, namespace: string, named: Named, depth: number): Write {
  if (depth > MOST_DEPTH) throw new EncodingError('', 'the schema is nested too deeply');
  if (typeof schema === 'string') {
    const write = Object.hasOwn(PRIMITIVES, schema) ? PRIMITIVES[schema] : undefined;
    if (write) return counted(write);
    const name = fullName(schema, namespace);
    // Looked up when it is used: a record may refer to itself.
    return (value, to, at, level) => (named.get(name) ?? named.get(schema) ?? unknownType(schema))(value, to, at, level);
  }
  if (Array.isArray(schema)) return union(schema.map((branch) => ({ isNull: branch === 'null', write: compile(branch, namespace, named, depth + 1) })));
  if (typeof schema !== 'object' || schema === null) throw new EncodingError('', 'the schema is not an Avro schema');
  const { type } = schema as { type?: unknown };
  switch (type) {
    case 'record':
    case 'error':
      return record(schema, namespace, named, depth);
    case 'enum': {
      const symbols = list((schema as { symbols?: unknown }).symbols).map(String);
      return define(schema, namespace, named, counted((value, to, at) => {
        const index = typeof value === 'string' ? symbols.indexOf(value) : -1;
        if (index < 0) throw new EncodingError(at, `must be one of ${symbols.slice(0, 20).join(', ')}${symbols.length > 20 ? ' …' : ''}, and is ${said(value)}`);
        to.zigzag(BigInt(index));
      }));
    }
    case 'fixed': {
      const size = Number((schema as { size?: unknown }).size);
      const plain: Write = (value, to, at) => {
        const bytes = fromBase64(value, at);
        if (bytes.length !== size) throw new EncodingError(at, `must have ${size} bytes, and has ${bytes.length}`);
        to.put(bytes);
      };
      return define(schema, namespace, named, counted(decimal(schema, plain, size)));
    }
    case 'array': {
      const items = compile((schema as { items?: unknown }).items, namespace, named, depth + 1);
      return nested((value, to, at, level) => {
        if (!Array.isArray(value)) throw new EncodingError(at, `must be an array, and is ${said(value)}`);
        if (value.length > 0) to.zigzag(BigInt(value.length));
        for (const [index, item] of value.entries()) items(item, to, `${at}/${index}`, level);
        to.zigzag(0n);
      });
    }
    case 'map': {
      const values = compile((schema as { values?: unknown }).values, namespace, named, depth + 1);
      return nested((value, to, at, level) => {
        if (!(value instanceof Map)) throw new EncodingError(at, `must be an object, and is ${said(value)}`);
        if (value.size > 0) to.zigzag(BigInt(value.size));
        for (const [name, item] of value) {
          sized(to, Buffer.from(name, 'utf8'));
          values(item, to, `${at}/${name}`, level);
        }
        to.zigzag(0n);
      });
    }
    default:
      if (type === undefined) throw new EncodingError('', 'the schema has a part without a type');
      return type === 'bytes' ? counted(decimal(schema, PRIMITIVES['bytes']!, null)) : compile(type, namespace, named, depth + 1);
  }
}

function union(branches: readonly { isNull: boolean; write: Write }[]): Write {
  return (value, to, at, level) => {
    const mark = to.parts.length;
    let only: EncodingError | null = null;
    for (const [index, branch] of branches.entries()) {
      if (branch.isNull && value !== null) continue; // the usual case, without a fault to be made and caught
      to.zigzag(BigInt(index));
      try {
        return branch.write(value, to, at, level);
      } catch (error) {
        if (!(error instanceof EncodingError)) throw error;
        to.parts.length = mark;
        // The fault that lies deepest is most likely the one that was meant.
        if (only === null || error.at.length > only.at.length) only = error;
      }
    }
    throw only !== null && (branches.length === 1 || only.at !== at) ? only : new EncodingError(at, `fits none of the ${branches.length} types that the schema allows here: it is ${said(value)}`);
  };
}

function record(schema: object, namespace: string, named: Named, depth: number): Write {
  const inside = namespaceOf(schema, namespace);
  const fields: { name: string; write: Write }[] = [];
  const names = new Set<string>();
  // Known by its name before its fields are compiled: one of them may be the record itself.
  const write = define(schema, namespace, named, nested((value, to, at, level) => {
    if (!(value instanceof Map)) throw new EncodingError(at, `must be an object, and is ${said(value)}`);
    for (const name of value.keys()) if (!names.has(name)) throw new EncodingError(`${at}/${name}`, 'is no field of the schema');
    for (const field of fields) {
      if (!value.has(field.name)) throw new EncodingError(`${at}/${field.name}`, 'is missing: every field of the schema has to be there');
      field.write(value.get(field.name)!, to, `${at}/${field.name}`, level);
    }
  }));
  for (const field of list((schema as { fields?: unknown }).fields) as { name?: unknown; type?: unknown }[]) {
    fields.push({ name: String(field.name), write: compile(field.type, inside, named, depth + 1) });
    names.add(String(field.name));
  }
  return write;
}

/** @param size of a fixed; null: bytes of any length */
function decimal(schema: object, plain: Write, size: number | null): Write {
  const { logicalType, scale } = schema as { logicalType?: unknown; scale?: unknown };
  const digits = Number(scale ?? 0);
  if (logicalType !== 'decimal' || !(digits >= 0 && digits <= 100)) return plain;
  return (value, to, at, level) => {
    const match = typeof value === 'string' && value.length <= 160 ? /^(-?)(\d+)(?:\.(\d+))?$/.exec(value) : null;
    if (!match) {
      if (typeof value !== 'string' || value.length <= 88) throw new EncodingError(at, `must be a decimal as text, like "12.50", and is ${said(value)}`);
      return plain(value, to, at, level); // too long to be shown as a number: base64
    }
    if ((match[3] ?? '').length !== digits) throw new EncodingError(at, `must have ${digits} digits behind the point`);
    let unscaled = BigInt(match[2]! + (match[3] ?? ''));
    if (match[1] === '-') unscaled = -unscaled;
    const bytes = twosComplement(unscaled, size);
    if (size !== null && bytes.length !== size) throw new EncodingError(at, `is larger than its ${size} bytes hold`);
    if (size === null) sized(to, bytes);
    else to.put(bytes);
  };
}

/** Big-endian, as few bytes as hold it, or `size` where that is given and enough. */
function twosComplement(value: bigint, size: number | null): Buffer {
  let length = 1;
  while (BigInt.asIntN(length * 8, value) !== value) length += 1;
  if (size !== null && size > length) length = size;
  const bytes = Buffer.alloc(length);
  let rest = BigInt.asUintN(length * 8, value);
  for (let at = length - 1; at >= 0; at -= 1) {
    bytes[at] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

function fromBase64(value: Json, at: string): Buffer {
  if (typeof value !== 'string') throw new EncodingError(at, `must be bytes as base64, and is ${said(value)}`);
  const bytes = Buffer.from(value, 'base64');
  if (bytes.toString('base64') !== value) throw new EncodingError(at, 'must be bytes as base64, and is not');
  return bytes;
}

function sized(to: ByteWriter, bytes: Uint8Array): void {
  to.zigzag(BigInt(bytes.length));
  to.put(bytes);
}

function counted(write: Write): Write {
  return (value, to, at, level) => {
    to.step(at);
    write(value, to, at, level);
  };
}

function nested(write: Write): Write {
  return (value, to, at, level) => {
    if (level >= MOST_DEPTH) throw new EncodingError(at, 'it is nested too deeply');
    to.step(at);
    write(value, to, at, level + 1);
  };
}

function define(schema: object, namespace: string, named: Named, write: Write): Write {
  const { name } = schema as { name?: unknown };
  if (typeof name !== 'string') throw new EncodingError('', 'the schema has a type without a name');
  named.set(fullName(name, namespaceOf(schema, namespace)), write);
  return write;
}

function namespaceOf(schema: object, inherited: string): string {
  const { name, namespace } = schema as { name?: unknown; namespace?: unknown };
  if (typeof name === 'string' && name.includes('.')) return name.slice(0, name.lastIndexOf('.'));
  return typeof namespace === 'string' ? namespace : inherited;
}

function fullName(name: string, namespace: string): string {
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;
}

function list(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new EncodingError('', 'the schema lacks a list');
  return value;
}

function unknownType(name: string): never {
  throw new EncodingError('', `the schema does not define the type ${name.slice(0, 200)}`);
}

function said(value: Json): string {
  return nameOf(value);
}
