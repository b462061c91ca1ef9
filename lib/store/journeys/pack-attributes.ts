import type { Attribute, AttributeValue, DecodedSpan, SpanEvent } from '#lib/model/span.ts';

/**
 * Attribute names that instrumentations repeat in every span, each stored as its place in this list. Names are only ever
 * added at the end: stored spans refer to the places.
 */
const names: readonly string[] = [
  'messaging.system', 'messaging.destination.name', 'messaging.operation.type', 'messaging.operation.name', 'messaging.operation', 'messaging.destination.partition.id',
  'messaging.kafka.message.key', 'messaging.kafka.offset', 'messaging.kafka.message.offset', 'messaging.kafka.cluster.id', 'messaging.kafka.consumer.group', 'messaging.consumer.group.name',
  'messaging.client.id', 'messaging.client_id', 'messaging.message.id', 'messaging.message.body.size', 'messaging.message.conversation_id', 'messaging.destination', 'messaging.destination_kind',
  'messaging.kafka.partition', 'messaging.batch.message_count', 'messaging.header.correlation_id', 'correlation_id', 'correlation.id', 'error.type', 'exception.type', 'exception.message',
  'exception.stacktrace', 'http.request.method', 'http.response.status_code', 'http.route', 'url.path', 'url.full', 'url.scheme', 'url.query', 'server.address', 'server.port', 'client.address',
  'network.peer.address', 'network.peer.port', 'network.protocol.version', 'user_agent.original', 'thread.id', 'thread.name', 'http.request.header.x-correlation-id', 'kafka.record.queue_time_ms',
  'http.method', 'http.url', 'http.status_code', 'http.target', 'http.host', 'http.scheme', 'http.user_agent', 'net.peer.name', 'net.peer.port', 'net.host.name', 'net.host.port', 'peer.service',
  'db.system', 'db.system.name', 'db.statement', 'db.query.text', 'db.operation.name', 'db.collection.name', 'db.namespace', 'rpc.system', 'rpc.service', 'rpc.method', 'code.function.name',
];
const places = new Map(names.map((name, place) => [name, place]));

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

/** Text for the column `attributes`: what no column holds, keys as places in a list. Never throws. */
export function packAttributes(span: DecodedSpan, scope: string, scopeVersion: string): string {
  const packed: { [tag: string]: Packed } = { a: packList(span.attributes) };
  if (span.events.length > 0) packed['e'] = span.events.map((event) => [event.name, String(event.timeNs), packList(event.attributes)]);
  if (scope !== '') packed['s'] = [scope, scopeVersion];
  if (span.leftOut > 0) packed['l'] = span.leftOut;
  return JSON.stringify(packed);
}

/** The reverse of packAttributes. @throws Error where the bytes are not what packAttributes made */
export function unpackAttributes(bytes: Uint8Array): SpanDetail {
  const packed = JSON.parse(Buffer.from(bytes).toString('utf8')) as { a: Packed[]; e?: [string, string, Packed[]][]; s?: [string, string]; l?: number };
  return {
    attributes: unpackList(packed.a),
    events: (packed.e ?? []).map(([name, timeNs, attributes]) => ({ name, timeNs: BigInt(timeNs), attributes: unpackList(attributes) })),
    scope: packed.s?.[0] ?? '',
    scopeVersion: packed.s?.[1] ?? '',
    leftOut: packed.l ?? 0,
  };
}

function packList(attributes: readonly Attribute[]): Packed[] {
  const list: Packed[] = [];
  for (const { key, value } of attributes) list.push(places.get(key) ?? key, packValue(value));
  return list;
}

function packValue(value: AttributeValue): Packed {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : { d: String(value) };
    case 'bigint':
      return { i: String(value) };
    default:
      if (value === null) return null;
      if (value instanceof Uint8Array) return { b: Buffer.from(value).toString('base64') };
      return Array.isArray(value) ? value.map(packValue) : { m: packList(value.entries) };
  }
}

function unpackList(list: Packed[]): Attribute[] {
  const attributes: Attribute[] = [];
  for (let place = 0; place + 1 < list.length; place += 2) {
    const key = list[place];
    attributes.push({ key: typeof key === 'number' ? (names[key] ?? `attribute ${key}`) : typeof key === 'string' ? key : '', value: unpackValue(list[place + 1]!) });
  }
  return attributes;
}

function unpackValue(value: Packed): AttributeValue {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(unpackValue);
  if (typeof value['i'] === 'string') return BigInt(value['i']);
  if (typeof value['d'] === 'string') return Number(value['d']);
  if (typeof value['b'] === 'string') return Buffer.from(value['b'], 'base64');
  return { entries: Array.isArray(value['m']) ? unpackList(value['m']) : [] };
}
