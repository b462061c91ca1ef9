import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { NodeSDK, type NodeSDKConfiguration } from '@opentelemetry/sdk-node';
import type { Config } from './config.ts';
import { ownServicePrefix } from './model/span.ts';

type Exporter = NodeSDKConfiguration['traceExporter'];

export interface TelemetryOptions {
  /** "waybill-collect", "waybill-web": the prefix keeps these spans out of users' journeys. */
  service: `waybill-${string}`;
  config: Pick<Config, 'otlpHost' | 'otlpPort' | 'otlpPath' | 'otlpToken' | 'otlpSources'>;
}

/** Work that was over sooner than this, without an error, is not sent: a loop that found nothing to do tells nothing. */
const tellingMs = 25;
const flushMs = 1_000;

/**
 * Waybill traces itself into its own receiver. Nothing is instrumented automatically, least of all HTTP: a receiver that
 * traced the requests that bring its own traces would never stop. Spans are made by lib/trace-work.ts, one per unit of work.
 * While nothing listens there they are dropped after a bounded queue.
 * @returns flushes and stops, within a second
 */
export function startTelemetry({ service, config }: TelemetryOptions): () => Promise<void> {
  if (!service.startsWith(ownServicePrefix)) throw new RangeError(`${service} does not start with ${ownServicePrefix}`);
  const host = ['0.0.0.0', '::'].includes(config.otlpHost) ? '127.0.0.1' : config.otlpHost.includes(':') ? `[${config.otlpHost}]` : config.otlpHost;
  const token = config.otlpToken ?? config.otlpSources[0]?.token ?? null;
  const sdk = new NodeSDK({
    serviceName: service,
    autoDetectResources: false,
    instrumentations: [],
    metricReaders: [],
    logRecordProcessors: [],
    traceExporter: tellingOnly(new OTLPTraceExporter({ url: `http://${host}:${config.otlpPort}${config.otlpPath}`, timeoutMillis: 2_000, ...(token === null ? {} : { headers: { authorization: `Bearer ${token}` } }) })),
  });
  sdk.start();
  return async () => {
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([sdk.shutdown().catch(() => undefined), new Promise<void>((resolve) => (timer = setTimeout(resolve, flushMs)))]);
    clearTimeout(timer);
  };
}

function tellingOnly(exporter: Exporter): Exporter {
  return {
    export(spans, done) {
      const telling = spans.filter((span) => span.status.code === 2 || span.duration[0] * 1_000 + span.duration[1] / 1e6 >= tellingMs);
      if (telling.length === 0) done({ code: 0 });
      else exporter.export(telling, done);
    },
    shutdown: () => exporter.shutdown(),
    ...(exporter.forceFlush === undefined ? {} : { forceFlush: () => exporter.forceFlush!() }),
  };
}
