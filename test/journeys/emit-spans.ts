// One service that is instrumented by hand: the OpenTelemetry SDK as it is, its spans each a trace of their own, sent over HTTP.
//   node test/journeys/emit-spans.ts '{"url":…,"service":…,"spans":[{"name","kind","startMs","durationMs","attributes"}]}'
import { type Attributes, type SpanKind, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { NodeSDK } from '@opentelemetry/sdk-node';

export interface SpansToEmit {
  url: string;
  service: string;
  spans: { name: string; kind: SpanKind; startMs: number; durationMs: number; attributes: Attributes }[];
}

const { url, service, spans } = JSON.parse(process.argv[2]!) as SpansToEmit;
const sdk = new NodeSDK({ serviceName: service, autoDetectResources: false, instrumentations: [], metricReaders: [], logRecordProcessors: [], traceExporter: new OTLPTraceExporter({ url }) });
sdk.start();
const tracer = trace.getTracer('by-hand');
for (const { name, kind, startMs, durationMs, attributes } of spans) tracer.startSpan(name, { kind, startTime: startMs, root: true, attributes }).end(startMs + durationMs);
await sdk.shutdown();
