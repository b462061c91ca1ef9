import type {
  Attribute, AttributeValue, DecodedResource, DecodedScope, DecodedSpan, DecodedTraces, SpanEvent, SpanKind, SpanLink, StatusCode,
} from '#lib/model/span.ts';
import { limits } from './limits.ts';
import { OtlpRefusal } from './refusal.ts';
import { clean } from './wire-cursor.ts';

type Fields = Record<string, unknown>;

/**
 * Decodes an ExportTraceServiceRequest in OTLP's JSON: ids in hex of any case, enums as integers, lowerCamelCase names,
 * unknown fields ignored, 64-bit integers as string or number (OTLP 1.x, "JSON Protobuf Encoding").
 * Hand-checked instead of zod: this is the hot path, and a refusal names the field.
 * @throws OtlpRefusal 400 malformed, 413 too many objects
 */
export function decodeJson(body: Buffer): DecodedTraces {
  checkShape(body);
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new OtlpRefusal(400, 'The body is not JSON in UTF-8.');
  }
  return new Decoder().request(fields(parsed, 'the body'));
}

/**
 * One pass over the bytes before JSON.parse: nesting and number of containers. `[[[[…` and `{},{},{}…` of 20 MiB would
 * otherwise become half a gigabyte of objects before anything could be counted.
 */
function checkShape(body: Buffer): void {
  let depth = 0;
  let containers = 0;
  let inText = false;
  for (let index = 0; index < body.length; index++) {
    const byte = body[index];
    if (inText) {
      if (byte === 0x5c) index++;
      else if (byte === 0x22) inText = false;
      continue;
    }
    if (byte === 0x22) inText = true;
    else if (byte === 0x7b || byte === 0x5b) {
      containers++;
      if (++depth > limits.jsonDepth) throw new OtlpRefusal(400, `The body is nested more than ${limits.jsonDepth} deep.`);
      if (containers > limits.jsonContainers) throw new OtlpRefusal(413, `The body holds more than ${limits.jsonContainers} objects and lists. Send smaller batches.`);
    } else if (byte === 0x7d || byte === 0x5d) depth--;
  }
}

class Decoder {
  private messages = 0;
  private spans = 0;
  private leftOut = 0;

  request(body: Fields): DecodedTraces {
    const resources = list(body['resourceSpans'], 'resourceSpans').map((entry) => this.resourceSpans(fields(entry, 'resourceSpans[]')));
    return { resources, spanCount: this.spans };
  }

  private count(): void {
    this.messages++;
    if (this.messages > limits.messages) {
      throw new OtlpRefusal(413, `The request holds more than ${limits.messages} resources, scopes and spans. Send smaller batches.`);
    }
  }

  private resourceSpans(entry: Fields): DecodedResource {
    this.count();
    const resource = entry['resource'];
    return {
      attributes: isAbsent(resource) ? [] : this.attributes(fields(resource, 'resource')['attributes'], limits.attributes, 0),
      scopes: list(entry['scopeSpans'], 'scopeSpans').map((scope) => this.scopeSpans(fields(scope, 'scopeSpans[]'))),
    };
  }

  private scopeSpans(entry: Fields): DecodedScope {
    this.count();
    const scope = isAbsent(entry['scope']) ? {} : fields(entry['scope'], 'scope');
    return {
      name: text(scope['name'], 'scope.name', limits.name),
      version: text(scope['version'], 'scope.version', limits.name),
      spans: list(entry['spans'], 'spans').map((span) => this.span(fields(span, 'spans[]'))),
    };
  }

  private span(entry: Fields): DecodedSpan {
    this.count();
    this.spans++;
    this.leftOut = 0;
    const status = isAbsent(entry['status']) ? {} : fields(entry['status'], 'status');
    const span: DecodedSpan = {
      traceId: hex(entry['traceId'], 'traceId'),
      spanId: hex(entry['spanId'], 'spanId'),
      parentSpanId: hex(entry['parentSpanId'], 'parentSpanId'),
      name: text(entry['name'], 'name', limits.name),
      kind: enumeration(entry['kind'], 'kind', 5) as SpanKind,
      startNs: unsigned(entry['startTimeUnixNano'], 'startTimeUnixNano'),
      endNs: unsigned(entry['endTimeUnixNano'], 'endTimeUnixNano'),
      statusCode: enumeration(status['code'], 'status.code', 2) as StatusCode,
      statusMessage: text(status['message'], 'status.message', limits.text),
      attributes: this.attributes(entry['attributes'], limits.attributes, 0),
      events: this.bounded(list(entry['events'], 'events'), limits.events).map((event) => this.event(fields(event, 'events[]'))),
      links: this.bounded(list(entry['links'], 'links'), limits.links).map((link) => this.link(fields(link, 'links[]'))),
      leftOut: 0,
    };
    span.leftOut = this.leftOut;
    return span;
  }

  private event(entry: Fields): SpanEvent {
    return {
      name: text(entry['name'], 'event.name', limits.name),
      timeNs: unsigned(entry['timeUnixNano'], 'event.timeUnixNano'),
      attributes: this.attributes(entry['attributes'], limits.attributes, 0),
    };
  }

  private link(entry: Fields): SpanLink {
    return {
      traceId: hex(entry['traceId'], 'link.traceId'),
      spanId: hex(entry['spanId'], 'link.spanId'),
      attributes: this.attributes(entry['attributes'], limits.attributes, 0),
    };
  }

  private attributes(value: unknown, most: number, depth: number): Attribute[] {
    return this.bounded(list(value, 'attributes'), most).map((entry) => {
      const attribute = fields(entry, 'attributes[]');
      return { key: text(attribute['key'], 'attribute key', limits.name), value: this.value(attribute['value'], depth) };
    });
  }

  private value(value: unknown, depth: number): AttributeValue {
    if (depth > limits.valueDepth) throw new OtlpRefusal(400, `An attribute value is nested more than ${limits.valueDepth} deep.`);
    if (isAbsent(value)) return null;
    const any = fields(value, 'attribute value');
    if (!isAbsent(any['stringValue'])) return text(any['stringValue'], 'stringValue', limits.text);
    if (!isAbsent(any['boolValue'])) {
      if (typeof any['boolValue'] !== 'boolean') throw wrong('boolValue', 'true or false');
      return any['boolValue'];
    }
    if (!isAbsent(any['intValue'])) {
      const integer = whole(any['intValue'], 'intValue');
      return integer >= -9007199254740991n && integer <= 9007199254740991n ? Number(integer) : integer;
    }
    if (!isAbsent(any['doubleValue'])) return double(any['doubleValue']);
    if (!isAbsent(any['arrayValue'])) {
      return this.bounded(list(fields(any['arrayValue'], 'arrayValue')['values'], 'arrayValue.values'), limits.elements)
        .map((element) => this.value(element, depth + 1));
    }
    if (!isAbsent(any['kvlistValue'])) {
      return { entries: this.attributes(fields(any['kvlistValue'], 'kvlistValue')['values'], limits.elements, depth + 1) };
    }
    if (!isAbsent(any['bytesValue'])) {
      if (typeof any['bytesValue'] !== 'string') throw wrong('bytesValue', 'base64 text');
      return Buffer.from(any['bytesValue'].slice(0, limits.text), 'base64');
    }
    return null;
  }

  private bounded(values: unknown[], most: number): unknown[] {
    if (values.length <= most) return values;
    this.leftOut += values.length - most;
    return values.slice(0, most);
  }
}

function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null; // proto3 JSON: null is the default value
}

function fields(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(what, 'an object');
  return value as Fields; // a plain object from JSON.parse; only known names are read, so __proto__ has no effect
}

function list(value: unknown, what: string): unknown[] {
  if (isAbsent(value)) return [];
  if (!Array.isArray(value)) throw wrong(what, 'a list');
  return value;
}

function text(value: unknown, what: string, most: number): string {
  if (isAbsent(value)) return '';
  if (typeof value !== 'string') throw wrong(what, 'text');
  return clean(value, most);
}

/** Lower-cased as it came: whether it is a valid id is decided per span, so that one bad id does not sink a batch. */
function hex(value: unknown, what: string): string {
  if (isAbsent(value)) return '';
  if (typeof value !== 'string') throw wrong(what, 'an id in hex');
  return value.length > 33 ? value.slice(0, 33).toLowerCase() : value.toLowerCase();
}

function enumeration(value: unknown, what: string, highest: number): number {
  if (isAbsent(value)) return 0;
  if (typeof value !== 'number' || !Number.isInteger(value)) throw wrong(what, 'an integer (OTLP/JSON has no names for enums)');
  return value >= 0 && value <= highest ? value : 0;
}

function whole(value: unknown, what: string): bigint {
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt.asIntN(64, BigInt(value));
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) return BigInt.asIntN(64, BigInt(value));
  throw wrong(what, 'an integer, as a number or as text');
}

function unsigned(value: unknown, what: string): bigint {
  return isAbsent(value) ? 0n : BigInt.asUintN(64, whole(value, what));
}

function double(value: unknown): number {
  if (typeof value === 'number') return value;
  if (value === 'NaN') return Number.NaN;
  if (value === 'Infinity') return Number.POSITIVE_INFINITY;
  if (value === '-Infinity') return Number.NEGATIVE_INFINITY;
  if (typeof value === 'string' && value.length < 40 && value.trim() !== '' && !Number.isNaN(Number(value))) return Number(value);
  throw wrong('doubleValue', 'a number');
}

function wrong(what: string, wanted: string): OtlpRefusal {
  return new OtlpRefusal(400, `The body is not an ExportTraceServiceRequest in JSON: ${what} must be ${wanted}.`);
}
