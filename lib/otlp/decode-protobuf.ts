import type {
  Attribute, AttributeValue, DecodedResource, DecodedScope, DecodedSpan, DecodedTraces, SpanEvent, SpanKind, SpanLink, StatusCode,
} from '#lib/model/span.ts';
import { limits } from './limits.ts';
import { OtlpRefusal } from './refusal.ts';
import { WireCursor } from './wire-cursor.ts';

const nothing: never[] = [];

/**
 * Decodes an ExportTraceServiceRequest in protobuf (opentelemetry-proto 1.x, trace/v1/trace.proto).
 * Unknown fields are skipped; a field with an unexpected wire type is skipped as the protobuf rules say.
 * @throws OtlpRefusal 400 malformed, 413 more messages than limits.messages
 */
export function decodeProtobuf(body: Buffer): DecodedTraces {
  return new Decoder(body).request();
}

class Decoder {
  private readonly cursor: WireCursor;
  private messages = 0;
  private spans = 0;
  private leftOut = 0;

  constructor(body: Buffer) {
    this.cursor = new WireCursor(body);
  }

  request(): DecodedTraces {
    const { cursor } = this;
    const end = cursor.buffer.length;
    const resources: DecodedResource[] = [];
    while (cursor.position < end) {
      const tag = cursor.tag(end);
      if (tag === 10) resources.push(this.resourceSpans(cursor.enclosed(end)));
      else cursor.skip(tag, end);
    }
    return { resources, spanCount: this.spans };
  }

  private count(): void {
    this.messages++;
    if (this.messages > limits.messages) {
      throw new OtlpRefusal(413, `The request holds more than ${limits.messages} resources, scopes and spans. Send smaller batches.`);
    }
  }

  private resourceSpans(end: number): DecodedResource {
    this.count();
    const { cursor } = this;
    const resource: DecodedResource = { attributes: nothing, scopes: [] };
    while (cursor.position < end) {
      const tag = cursor.tag(end);
      if (tag === 10) resource.attributes = this.resource(cursor.enclosed(end));
      else if (tag === 18) resource.scopes.push(this.scopeSpans(cursor.enclosed(end)));
      else cursor.skip(tag, end);
    }
    return resource;
  }

  private resource(end: number): Attribute[] {
    const { cursor } = this;
    const attributes: Attribute[] = [];
    while (cursor.position < end) {
      const tag = cursor.tag(end);
      if (tag === 10) this.keyValue(cursor.enclosed(end), attributes, limits.attributes, 0);
      else cursor.skip(tag, end);
    }
    return attributes;
  }

  private scopeSpans(end: number): DecodedScope {
    this.count();
    const { cursor } = this;
    const scope: DecodedScope = { name: '', version: '', spans: [] };
    while (cursor.position < end) {
      const tag = cursor.tag(end);
      if (tag === 10) {
        const inner = cursor.enclosed(end);
        while (cursor.position < inner) {
          const field = cursor.tag(inner);
          if (field === 10) scope.name = cursor.text(inner, limits.name);
          else if (field === 18) scope.version = cursor.text(inner, limits.name);
          else cursor.skip(field, inner);
        }
      } else if (tag === 18) scope.spans.push(this.span(cursor.enclosed(end)));
      else cursor.skip(tag, end);
    }
    return scope;
  }

  private span(end: number): DecodedSpan {
    this.count();
    this.spans++;
    this.leftOut = 0;
    const { cursor } = this;
    const span: DecodedSpan = {
      traceId: '', spanId: '', parentSpanId: '', name: '', kind: 0, startNs: 0n, endNs: 0n,
      statusCode: 0, statusMessage: '', attributes: [], events: nothing, links: nothing, leftOut: 0,
    };
    while (cursor.position < end) {
      const tag = cursor.tag(end);
      switch (tag) {
        case 10:
          span.traceId = cursor.hex(end);
          break;
        case 18:
          span.spanId = cursor.hex(end);
          break;
        case 34:
          span.parentSpanId = cursor.hex(end);
          break;
        case 42:
          span.name = cursor.text(end, limits.name);
          break;
        case 48:
          span.kind = spanKind(cursor.varint32(end));
          break;
        case 57:
          span.startNs = cursor.fixed64(end);
          break;
        case 65:
          span.endNs = cursor.fixed64(end);
          break;
        case 74:
          this.keyValue(cursor.enclosed(end), span.attributes, limits.attributes, 0);
          break;
        case 90: {
          const event = this.event(cursor.enclosed(end));
          if (span.events === nothing) span.events = [];
          if (span.events.length < limits.events) span.events.push(event);
          else this.leftOut++;
          break;
        }
        case 106: {
          const link = this.link(cursor.enclosed(end));
          if (span.links === nothing) span.links = [];
          if (span.links.length < limits.links) span.links.push(link);
          else this.leftOut++;
          break;
        }
        case 122: {
          const inner = cursor.enclosed(end);
          while (cursor.position < inner) {
            const field = cursor.tag(inner);
            if (field === 18) span.statusMessage = cursor.text(inner);
            else if (field === 24) span.statusCode = statusCode(cursor.varint32(inner));
            else cursor.skip(field, inner);
          }
          break;
        }
        default:
          cursor.skip(tag, end);
      }
    }
    span.leftOut = this.leftOut;
    return span;
  }

  private event(end: number): SpanEvent {
    const { cursor } = this;
    const event: SpanEvent = { name: '', timeNs: 0n, attributes: nothing };
    while (cursor.position < end) {
      const tag = cursor.tag(end);
      if (tag === 9) event.timeNs = cursor.fixed64(end);
      else if (tag === 18) event.name = cursor.text(end, limits.name);
      else if (tag === 26) {
        if (event.attributes === nothing) event.attributes = [];
        this.keyValue(cursor.enclosed(end), event.attributes, limits.attributes, 0);
      } else cursor.skip(tag, end);
    }
    return event;
  }

  private link(end: number): SpanLink {
    const { cursor } = this;
    const link: SpanLink = { traceId: '', spanId: '', attributes: nothing };
    while (cursor.position < end) {
      const tag = cursor.tag(end);
      if (tag === 10) link.traceId = cursor.hex(end);
      else if (tag === 18) link.spanId = cursor.hex(end);
      else if (tag === 34) {
        if (link.attributes === nothing) link.attributes = [];
        this.keyValue(cursor.enclosed(end), link.attributes, limits.attributes, 0);
      } else cursor.skip(tag, end);
    }
    return link;
  }

  /** One KeyValue, appended to `into` unless that is full. */
  private keyValue(end: number, into: Attribute[], most: number, depth: number): void {
    const { cursor } = this;
    let key = '';
    let value: AttributeValue = null;
    while (cursor.position < end) {
      const tag = cursor.tag(end);
      if (tag === 10) key = cursor.text(end, limits.name);
      else if (tag === 18) value = this.value(cursor.enclosed(end), depth);
      else cursor.skip(tag, end);
    }
    if (into.length < most) into.push({ key, value });
    else this.leftOut++;
  }

  private value(end: number, depth: number): AttributeValue {
    if (depth > limits.valueDepth) {
      throw new OtlpRefusal(400, `An attribute value is nested more than ${limits.valueDepth} deep.`);
    }
    const { cursor } = this;
    let value: AttributeValue = null;
    while (cursor.position < end) {
      const tag = cursor.tag(end);
      switch (tag) {
        case 10:
          value = cursor.text(end);
          break;
        case 16:
          value = cursor.varint32(end) !== 0;
          break;
        case 24: {
          const integer = cursor.varint64(end);
          value = integer >= -9007199254740991n && integer <= 9007199254740991n ? Number(integer) : integer;
          break;
        }
        case 33:
          value = cursor.double(end);
          break;
        case 42: {
          const inner = cursor.enclosed(end);
          const values: AttributeValue[] = [];
          while (cursor.position < inner) {
            const field = cursor.tag(inner);
            if (field === 10) {
              const element = this.value(cursor.enclosed(inner), depth + 1);
              if (values.length < limits.elements) values.push(element);
              else this.leftOut++;
            } else cursor.skip(field, inner);
          }
          value = values;
          break;
        }
        case 50: {
          const inner = cursor.enclosed(end);
          const entries: Attribute[] = [];
          while (cursor.position < inner) {
            const field = cursor.tag(inner);
            if (field === 10) this.keyValue(cursor.enclosed(inner), entries, limits.elements, depth + 1);
            else cursor.skip(field, inner);
          }
          value = { entries };
          break;
        }
        case 58:
          value = cursor.bytes(end);
          break;
        default:
          cursor.skip(tag, end);
      }
    }
    return value;
  }
}

function spanKind(value: number): SpanKind {
  return value <= 5 ? (value as SpanKind) : 0; // protobuf enums are open: a kind of the future is "unspecified" here
}

function statusCode(value: number): StatusCode {
  return value <= 2 ? (value as StatusCode) : 0;
}
