/** What an event says of itself. */
export interface EventReading {
  id: string | null;
  /** Its own time, ms since 1970. */
  eventAtMs: number | null;
  /** Its place among the events of one aggregate. */
  sequence: { scope: string; value: bigint } | null;
  /** '' where it names none. */
  eventType: string;
  /** It names a version, a type or a schema; null where the value could not be read and no header says so. */
  marked: boolean | null;
  correlated: boolean;
}

export interface EventToRead {
  /** By name in lower case; of repeats the last. Hidden ones are not among them. */
  headers: ReadonlyMap<string, string>;
  /** The value as JSON; undefined where it is none or was not read. */
  value: unknown;
  /** The value leads with a schema's id (Confluent's wire format). */
  hasSchemaId: boolean;
  keyText: string | null;
  /** What the headers already told. */
  headerId: string | null;
  headerCorrelated: boolean;
  /** What a masked part reads. */
  masked: string;
}

const TYPE_HEADERS = ['ce_type', 'event-type', 'event_type', 'eventtype', 'type', 'message-type', '__typeid__', 'nservicebus.enclosedmessagetypes', 'mt-message-type'];
const VERSION_HEADERS = ['schema-version', 'schema_version', 'schemaversion', 'ce_dataschema', 'ce_specversion', 'dataschema', 'version', 'event-version', 'event_version'];
const TIME_HEADERS = ['ce_time', 'event-time', 'event_time', 'occurred-at', 'occurred_at'];
const SEQUENCE_HEADERS = ['ce_sequence', 'sequence', 'sequence-number', 'sequence_number', 'aggregate-version', 'aggregate_version'];
const AGGREGATE_HEADERS = ['aggregate-id', 'aggregate_id', 'stream-id', 'stream_id', 'ce_subject'];
const TYPE_FIELDS = ['type', 'eventType', 'event_type', 'messageType', '@type', '$type'];
const VERSION_FIELDS = ['version', 'schemaVersion', 'schema_version', 'eventVersion', 'event_version', 'specversion', 'dataschema', '$schema', 'v'];
const ID_FIELDS = ['eventId', 'event_id', 'messageId', 'message_id'];
const TIME_FIELDS = ['occurredAt', 'occurred_at', 'eventTime', 'event_time', 'eventTimestamp', 'event_timestamp', 'time', 'timestamp'];
const CORRELATION_FIELDS = ['correlationId', 'correlation_id', 'correlationid', 'conversationId', 'conversation_id'];
/** A plain `version` is the schema's as often as the aggregate's: it says nothing of order. */
const SEQUENCE_FIELDS = ['sequence', 'sequenceNumber', 'sequence_number', 'seq', 'aggregateVersion', 'aggregate_version', 'entityVersion', 'entity_version', 'streamVersion', 'stream_version', 'eventNumber', 'event_number', 'revision'];
const ENVELOPES = ['metadata', 'meta', 'header', 'headers'];
const BODIES = ['data', 'payload', 'body', 'detail'];
/** Ids of something else than what a sequence counts. */
const NO_AGGREGATE = /^(?:id|event|message|correlation|conversation|causation|trace|span|request|tenant|schema)_?id$/iu;
const AGGREGATE = /(?:[a-z0-9]Id|_id|ID)$/u;
const MOST_TYPE_CHARS = 100;

/** Reads what an event says of itself from its headers and, where it is JSON, its value: CloudEvents in both modes, and names in common use. */
export function readEvent(event: EventToRead): EventReading {
  const top = asObject(event.value);
  const places = top === null ? [] : [top, ...partsOf(top, ENVELOPES)];
  const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' && value !== event.masked ? value : typeof value === 'number' && Number.isFinite(value) ? String(value) : null);
  const field = (names: readonly string[], from = places): string | null => first(from, (place) => first(names, (name) => (Object.hasOwn(place, name) ? text(place[name]) : null)));
  const header = (names: readonly string[]): string | null => first(names, (name) => event.headers.get(name) ?? null);
  const type = header(TYPE_HEADERS) ?? field(TYPE_FIELDS);
  const marked = event.hasSchemaId || type !== null || header(VERSION_HEADERS) !== null || field(VERSION_FIELDS) !== null;
  // A bare `id` names the entity more often than the event, but for what is an event by its other fields.
  const isEnvelope = top !== null && field(TYPE_FIELDS, [top]) !== null && (field(TIME_FIELDS, [top]) !== null || Object.hasOwn(top, 'specversion') || BODIES.some((name) => Object.hasOwn(top, name)));
  return {
    id: event.headerId ?? field(ID_FIELDS) ?? (isEnvelope ? text(top['id']) : null),
    eventAtMs: readTime(header(TIME_HEADERS) ?? field(TIME_FIELDS)),
    sequence: readSequence(event, top, text, header),
    eventType: plain(type),
    marked: marked ? true : top === null ? null : false,
    correlated: event.headerCorrelated || field(CORRELATION_FIELDS) !== null,
  };
}

function readSequence(event: EventToRead, top: Record<string, unknown> | null, text: (value: unknown) => string | null, header: (names: readonly string[]) => string | null): EventReading['sequence'] {
  const told = whole(header(SEQUENCE_HEADERS));
  if (told !== null) {
    const scope = header(AGGREGATE_HEADERS) ?? event.keyText;
    return scope === null ? null : { scope: `h:${scope}`, value: told };
  }
  if (top === null) return null;
  for (const place of [top, ...partsOf(top, BODIES)]) {
    for (const name of SEQUENCE_FIELDS) {
      const value = Object.hasOwn(place, name) ? whole(text(place[name])) : null;
      if (value === null) continue;
      const ids = Object.entries(place).flatMap(([field, id]) => (AGGREGATE.test(field) && !NO_AGGREGATE.test(field) && text(id) !== null ? [`${field}=${text(id)}`] : []));
      // One that is the record's key says no more than the key; another one beside it is what is counted.
      const scope = ids.find((id) => event.keyText === null || !id.endsWith(`=${event.keyText}`)) ?? ids[0] ?? event.keyText;
      return scope === null ? null : { scope: `${name}:${scope}`, value };
    }
  }
  return null;
}

function first<Item, Found>(items: Iterable<Item>, look: (item: Item) => Found | null): Found | null {
  for (const item of items) {
    const found = look(item);
    if (found !== null) return found;
  }
  return null;
}

function asObject(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
}

function partsOf(top: Record<string, unknown>, names: readonly string[]): Record<string, unknown>[] {
  return names.map((name) => asObject(top[name])).filter((part) => part !== null);
}

function whole(text: string | null): bigint | null {
  return text !== null && /^-?\d{1,18}$/u.test(text) ? BigInt(text) : null;
}

const YEAR_2000_MS = 946_684_800_000;
const YEAR_2100_MS = 4_102_444_800_000;

/** ISO 8601 with a zone, or seconds or milliseconds since 1970. */
function readTime(text: string | null): number | null {
  if (text === null) return null;
  const number = /^\d{9,13}(?:\.\d+)?$/u.test(text) ? Number(text) * (Number(text) < 100_000_000_000 ? 1_000 : 1) : /^\d{4}-\d\d-\d\dT\d\d:\d\d.*(?:Z|[+-]\d\d:?\d\d)$/u.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isFinite(number) && number > YEAR_2000_MS && number < YEAR_2100_MS ? Math.round(number) : null;
}

/** A type as it can be stored and shown: no control characters, of a bounded length. */
function plain(type: string | null): string {
  return type === null ? '' : type.replaceAll(/\p{C}/gu, '').trim().slice(0, MOST_TYPE_CHARS);
}
