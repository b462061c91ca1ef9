import { readdirSync, readFileSync } from 'node:fs';
import { canonicalAttributes } from '#lib/journey/canonical-attributes.ts';
import type { JourneySpan } from '#lib/model/journey.ts';
import { decodeTraces } from '#lib/otlp/decode-traces.ts';

const corpora = new URL('../corpora/otlp/', import.meta.url);

export interface ExpectedEvent {
  correlationId: string;
  key: string;
  outcome: 'completed' | 'dead-lettered';
  published: { service: string; at: string }[];
  consumed: { service: string; group: string; at: string }[];
  failedAttempts: { service: string; group: string; at: string; attempt: number }[];
  deadLetter: { service: string; at: string } | null;
}

export interface CorpusBody {
  file: string;
  body: Buffer;
  encoding: 'json' | 'protobuf';
  contentType: string;
  gzip: boolean;
}

export function corpusRuns(): string[] {
  return readdirSync(corpora, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name).sort();
}

/** The truth of a run, from the programs' own log. */
export function expectedOf(run: string): ExpectedEvent[] {
  return (JSON.parse(readFileSync(new URL(`${run}/expected.json`, corpora), 'utf8')) as { events: ExpectedEvent[] }).events;
}

/** The bodies of a run in order of arrival, unpacked, with how they were sent. */
export function bodiesOf(run: string): CorpusBody[] {
  const meta = JSON.parse(readFileSync(new URL(`${run}/meta.json`, corpora), 'utf8')) as { requests: { file: string; contentType: string; contentEncoding?: string | null }[] };
  return meta.requests.map((request) => ({
    file: request.file,
    body: readFileSync(new URL(`${run}/${request.file}`, corpora)),
    encoding: request.file.endsWith('.json') ? 'json' : 'protobuf',
    contentType: request.contentType,
    gzip: request.contentEncoding === 'gzip',
  }));
}

/** The spans of a run as the store would give them back. */
export function spansOf(run: string): JourneySpan[] {
  return bodiesOf(run).flatMap(({ body, encoding }) => decodeTraces(body, encoding).resources.flatMap((resource) => {
    const service = resource.attributes.find((attribute) => attribute.key === 'service.name')?.value;
    return resource.scopes.flatMap((scope) => scope.spans.map((span): JourneySpan => {
      const canonical = canonicalAttributes({ ...span, linkCount: span.links.length });
      return {
        traceId: span.traceId, spanId: span.spanId, parentSpanId: span.parentSpanId || null, service: typeof service === 'string' ? service : null,
        name: span.name, kind: span.kind, startNs: span.startNs, durationNs: span.endNs - span.startNs, statusCode: span.statusCode, statusMessage: span.statusMessage || null,
        cluster: null, incarnation: 0, operation: canonical.operation, topic: canonical.topic, partition: canonical.partition, offset: canonical.offset,
        messageKey: canonical.messageKey, group: canonical.group, journeyKey: canonical.journeyKey, journeyKeyBy: canonical.journeyKeyBy, eventId: canonical.eventId, causationId: canonical.causationId, batch: canonical.batch,
        links: span.links.map((link) => ({ traceId: link.traceId, spanId: link.spanId })),
      };
    }));
  }));
}
