import { z } from 'zod';
import { WaybillError } from '#lib/errors.ts';
import type { Masking, RecordMask } from '#lib/masking/compile-masking.ts';
import { MASKED } from '#lib/masking/masked-text.ts';
import type { Attribute, AttributeValue } from '#lib/model/span.ts';
import { readSpan } from '#lib/store/journeys/read-span.ts';
import type { Store } from '#lib/store/store.ts';
import { timeSchema } from '#lib/wire.ts';
import { toMs, toTime } from './journey-wire.ts';

const pairSchema = z.object({ key: z.string(), value: z.string() });

export const spanDetailSchema = z.object({
  traceId: z.string(),
  spanId: z.string(),
  name: z.string(),
  kind: z.enum(['unspecified', 'internal', 'server', 'client', 'producer', 'consumer']),
  startedAt: timeSchema,
  durationMs: z.number(),
  status: z.enum(['unset', 'ok', 'error']),
  statusMessage: z.string().nullable(),
  scope: z.string().nullable(),
  /** As they came, values as text. */
  attributes: z.array(pairSchema),
  resource: z.array(pairSchema),
  events: z.array(z.object({ name: z.string(), at: timeSchema, attributes: z.array(pairSchema) })),
  /** Attributes, events and links that a bound of the receiver left out. */
  leftOut: z.number().int(),
});
export type SpanDetailWire = z.infer<typeof spanDetailSchema>;

const kinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
const statuses = ['unset', 'ok', 'error'] as const;

/**
 * One span as it came, but for what masking hides of the record it is about: headers that an instrumentation took along, and its key.
 * @throws WaybillError `span-not-found` 404
 */
export async function getSpan(store: Store, { traceId, spanId, masking }: { traceId: string; spanId: string; masking: Masking }): Promise<SpanDetailWire> {
  const input = { traceId, spanId };
  const span = await readSpan(store, input.traceId, input.spanId);
  if (span === null) throw new WaybillError('span-not-found', `There is no span ${input.spanId} of trace ${input.traceId}. Spans are kept for a limited time.`, { status: 404 });
  const { detail } = span;
  const topic = detail.attributes.find(({ key }) => key === 'messaging.destination.name' || key === 'messaging.destination');
  const mask = masking.of(typeof topic?.value === 'string' ? topic.value : null);
  return {
    ...input, name: span.name, kind: kinds[span.kind] ?? 'unspecified', startedAt: toTime(span.startNs), durationMs: toMs(span.durationNs), status: statuses[span.statusCode] ?? 'unset',
    statusMessage: span.statusMessage, scope: detail.scope === '' ? null : `${detail.scope} ${detail.scopeVersion}`.trim(), attributes: pairs(detail.attributes, mask),
    resource: Object.entries(span.resource).map(([key, value]) => ({ key, value: typeof value === 'string' ? value : JSON.stringify(value) })),
    events: detail.events.map((event) => ({ name: event.name, at: toTime(event.timeNs), attributes: pairs(event.attributes, mask) })), leftOut: detail.leftOut,
  };
}

function pairs(attributes: readonly Attribute[], mask: RecordMask | null): { key: string; value: string }[] {
  return attributes.map(({ key, value }) => ({ key, value: mask !== null && isMasked(key, mask) ? MASKED : toText(value) }));
}

/** `messaging.header.x`, `http.request.header.x`: OpenTelemetry's agents capture headers under such names, with `_` for `-` in some versions. */
function isMasked(attribute: string, mask: RecordMask): boolean {
  if (mask.hidesKey && /^messaging\.(?:kafka\.)?message\.key$/u.test(attribute)) return true;
  const name = /\.header\.(.+)$/u.exec(attribute)?.[1];
  return name !== undefined && (mask.hidesHeader(name) || mask.hidesHeader(name.replaceAll('_', '-')));
}

function toText(value: AttributeValue): string {
  if (value === null) return '';
  if (value instanceof Uint8Array) return `0x${Buffer.from(value).toString('hex')}`;
  if (Array.isArray(value)) return `[${value.map(toText).join(', ')}]`;
  if (typeof value === 'object') return `{${value.entries.map((entry) => `${entry.key}: ${toText(entry.value)}`).join(', ')}}`;
  return String(value);
}
