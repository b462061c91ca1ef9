// What an OpenTelemetry span is to Waybill: decoded, before anything is stored.

/** A value of an attribute. Integers beyond 2^53 stay bigint; bytes stay bytes. */
export type AttributeValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Uint8Array
  | AttributeValue[]
  | { entries: Attribute[] };

export interface Attribute {
  key: string;
  value: AttributeValue;
}

/** 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer (OTLP enum SpanKind). */
export type SpanKind = 0 | 1 | 2 | 3 | 4 | 5;

/** 0 unset, 1 ok, 2 error (OTLP enum StatusCode). */
export type StatusCode = 0 | 1 | 2;

export interface SpanLink {
  /** 32 lower-case hex digits; empty where the sender gave none. */
  traceId: string;
  /** 16 lower-case hex digits; empty where the sender gave none. */
  spanId: string;
  attributes: Attribute[];
}

export interface SpanEvent {
  name: string;
  timeNs: bigint;
  attributes: Attribute[];
}

export interface DecodedSpan {
  /** 32 lower-case hex digits when valid; anything else is refused before storing. */
  traceId: string;
  /** 16 lower-case hex digits when valid. */
  spanId: string;
  parentSpanId: string;
  name: string;
  kind: SpanKind;
  startNs: bigint;
  endNs: bigint;
  statusCode: StatusCode;
  statusMessage: string;
  attributes: Attribute[];
  events: SpanEvent[];
  links: SpanLink[];
  /** Attributes, events and links that were left out by a bound of this receiver. */
  leftOut: number;
}

export interface DecodedScope {
  name: string;
  version: string;
  spans: DecodedSpan[];
}

export interface DecodedResource {
  attributes: Attribute[];
  scopes: DecodedScope[];
}

/** One ExportTraceServiceRequest. */
export interface DecodedTraces {
  resources: DecodedResource[];
  spanCount: number;
}

/** Prefix of Waybill's own service names: their spans are stored but never part of a user's journey. */
export const ownServicePrefix = 'waybill-';
