import type { Attribute, AttributeValue, DecodedSpan, SpanEvent } from '#lib/model/span.ts';
import { nameAt, placeOf } from './attribute-places.ts';

type Packed = string | number | boolean | null | Packed[] | { [tag: string]: Packed };

/** What is stored of a span beyond its columns. */
export interface SpanDetail {
  attributes: Attribute[];
  events: SpanEvent[];
  scope: string;
  scopeVersion: string;
  /** Attributes, events and links that a bound left out. */
  leftOut: number;
}

/** What a span's columns hold of its attributes: stored once, there. */
export interface SpanColumns {
  journeyKey: string | null;
  messageKey: string | null;
  partition: number | null;
  offset: bigint | null;
}

const noColumns: SpanColumns = { journeyKey: null, messageKey: null, partition: null, offset: null };

/** Text of what no column holds: names as places in a list, values of columns as references to them. One line. Never throws. */
export function packAttributes(span: DecodedSpan, scope: string, scopeVersion: string, columns: SpanColumns): string {
  const packed: { [tag: string]: Packed } = { a: packList(span.attributes, columns) };
  if (span.events.length > 0) packed['e'] = span.events.map((event) => [event.name, String(event.timeNs), packList(event.attributes, columns)]);
  if (scope !== '') packed['s'] = [scope, scopeVersion];
  if (span.leftOut > 0) packed['l'] = span.leftOut;
  return JSON.stringify(packed);
}

/** The reverse of packAttributes. @throws Error where the text is not what packAttributes made */
export function unpackAttributes(text: string, columns: SpanColumns = noColumns): SpanDetail {
  const packed = JSON.parse(text) as { a?: Packed[]; e?: [string, string, Packed[]][]; s?: [string, string]; l?: number };
  return {
    attributes: unpackList(packed.a ?? [], columns),
    events: (packed.e ?? []).map(([name, timeNs, attributes]) => ({ name, timeNs: BigInt(timeNs), attributes: unpackList(attributes, columns) })),
    scope: packed.s?.[0] ?? '',
    scopeVersion: packed.s?.[1] ?? '',
    leftOut: packed.l ?? 0,
  };
}

function packList(attributes: readonly Attribute[], columns: SpanColumns): Packed[] {
  const list: Packed[] = [];
  for (const { key, value } of attributes) list.push(placeOf(key) ?? key, packValue(value, columns));
  return list;
}

// Values that are in a column, by what the attribute was: text or a number.
const inKey = { c: 'k' };
const inMessageKey = { c: 'm' };
const inPartition = { c: 'p' };
const inPartitionNumber = { c: 'P' };
const inOffset = { c: 'o' };

function packValue(value: AttributeValue, columns: SpanColumns): Packed {
  switch (typeof value) {
    case 'string':
      if (value === columns.journeyKey) return inKey;
      if (value === columns.messageKey) return inMessageKey;
      if (value.length > 19 || value === '') return value;
      if (columns.partition !== null && value === String(columns.partition)) return inPartition;
      return columns.offset !== null && value === String(columns.offset) ? inOffset : value;
    case 'boolean':
      return value;
    case 'number':
      if (columns.partition !== null && value === columns.partition && !Object.is(value, -0)) return inPartitionNumber;
      if (Object.is(value, -0)) return { d: '-0' };
      return Number.isFinite(value) ? value : { d: String(value) };
    case 'bigint':
      return { i: String(value) };
    default:
      if (value === null) return null;
      if (value instanceof Uint8Array) return { b: Buffer.from(value).toString('base64') };
      return Array.isArray(value) ? value.map((each) => packValue(each, columns)) : { m: packList(value.entries, columns) };
  }
}

function unpackList(list: Packed[], columns: SpanColumns): Attribute[] {
  const attributes: Attribute[] = [];
  for (let place = 0; place + 1 < list.length; place += 2) {
    const key = list[place];
    attributes.push({ key: typeof key === 'number' ? nameAt(key) : typeof key === 'string' ? key : '', value: unpackValue(list[place + 1]!, columns) });
  }
  return attributes;
}

function unpackValue(value: Packed, columns: SpanColumns): AttributeValue {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((each) => unpackValue(each, columns));
  if (typeof value['c'] === 'string') return valueOf(value['c'], columns);
  if (typeof value['i'] === 'string') return BigInt(value['i']);
  if (typeof value['d'] === 'string') return Number(value['d']);
  if (typeof value['b'] === 'string') return Buffer.from(value['b'], 'base64');
  return { entries: Array.isArray(value['m']) ? unpackList(value['m'], columns) : [] };
}

function valueOf(column: string, { journeyKey, messageKey, partition, offset }: SpanColumns): AttributeValue {
  switch (column) {
    case 'k':
      return journeyKey;
    case 'm':
      return messageKey;
    case 'p':
      return partition === null ? null : String(partition);
    case 'P':
      return partition;
    case 'o':
      return offset === null ? null : String(offset);
    default:
      return null;
  }
}
