import type { HeaderBytes } from '#lib/model/dead-letter.ts';

/** Names of headers that name the business event, best first, without regard to case. */
export const defaultKeyHeaders: readonly string[] = [
  'correlation-id', 'correlation_id', 'correlationid', 'x-correlation-id', 'x_correlation_id', 'ce_correlationid', 'conversation-id', 'conversationid', 'nservicebus.conversationid', 'mt-conversation-id',
];
/** Those that name the event itself. */
export const defaultEventIdHeaders: readonly string[] = ['ce_id', 'event-id', 'event_id', 'eventid', 'nservicebus.messageid', 'message-id', 'message_id', 'messageid'];
/** Those that name the event that caused it. */
export const defaultCausationHeaders: readonly string[] = ['ce_causationid', 'causation-id', 'causation_id', 'causationid', 'x-causation-id', 'nservicebus.relatedto', 'initiator-id', 'initiatorid'];

/** Which headers to look for: each name in lower case with its rank. */
export interface HeaderNames {
  key: ReadonlyMap<string, number>;
  eventId: ReadonlyMap<string, number>;
  causationId: ReadonlyMap<string, number>;
}

export interface RecordIds {
  parent: { traceId: string; spanId: string } | null;
  journeyKey: string | null;
  /** The header that gave it, as it is written there. */
  journeyKeyBy: string | null;
  eventId: string | null;
  causationId: string | null;
}

/** Names that are given replace the built-in ones. */
export function rankHeaders(names: { keyHeaders?: readonly string[] | undefined; eventIdHeaders?: readonly string[] | undefined; causationHeaders?: readonly string[] | undefined }): HeaderNames {
  const ranked = (list: readonly string[]) => new Map(list.map((name, place) => [name.toLowerCase(), place]));
  return { key: ranked(names.keyHeaders ?? defaultKeyHeaders), eventId: ranked(names.eventIdHeaders ?? defaultEventIdHeaders), causationId: ranked(names.causationHeaders ?? defaultCausationHeaders) };
}

const mostIdBytes = 256;
const strict = new TextDecoder('utf-8', { fatal: true });
const lenient = new TextDecoder('utf-8');

/**
 * What a record's headers say of its event. A header that a masking rule hides is not looked at. Of repeated headers the last counts, as for
 * Kafka's own `lastHeader`. null: they say nothing that could join it with anything.
 */
export function readRecordHeaders(headers: readonly HeaderBytes[], names: HeaderNames, isHidden: (name: string) => boolean): RecordIds | null {
  const found: RecordIds = { parent: null, journeyKey: null, journeyKeyBy: null, eventId: null, causationId: null };
  const ranks = { key: Number.POSITIVE_INFINITY, eventId: Number.POSITIVE_INFINITY, causationId: Number.POSITIVE_INFINITY };
  for (const [rawName, bytes] of headers) {
    if (bytes === null || bytes.length === 0 || bytes.length > mostIdBytes) continue;
    const name = lenient.decode(rawName);
    const lower = name.toLowerCase();
    if (isHidden(name)) continue;
    if (lower === 'traceparent') {
      found.parent = parseTraceparent(bytes) ?? found.parent;
      continue;
    }
    const uses = (['key', 'eventId', 'causationId'] as const).filter((use) => {
      const rank = names[use].get(lower);
      return rank !== undefined && rank <= ranks[use];
    });
    const text = uses.length === 0 ? null : textOf(bytes);
    if (text === null) continue;
    for (const use of uses) {
      ranks[use] = names[use].get(lower)!;
      if (use === 'key') {
        found.journeyKey = text;
        found.journeyKeyBy = name;
      } else found[use] = text;
    }
  }
  return found.parent === null && found.journeyKey === null && found.eventId === null && found.causationId === null ? null : found;
}

/** https://www.w3.org/TR/trace-context/#traceparent-header */
function parseTraceparent(bytes: Uint8Array): RecordIds['parent'] {
  const match = /^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}/u.exec(lenient.decode(bytes));
  return match === null ? null : { traceId: match[1]!, spanId: match[2]! };
}

/** Text without control characters: an id that people could have written down. */
function textOf(bytes: Uint8Array): string | null {
  try {
    const text = strict.decode(bytes).trim();
    return text === '' || /\p{Cc}/u.test(text) ? null : text;
  } catch {
    return null;
  }
}
