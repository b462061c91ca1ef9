import type { Span } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { KafkaJsInstrumentation, type KafkajsMessage, type MessageInfo } from '@opentelemetry/instrumentation-kafkajs';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { headerText } from './dead-letter-headers.ts';

export interface TelemetryOptions {
  serviceName: string;
  /** The consumer group written on consumer spans, which the instrumentation itself does not know. */
  group: string;
  /** Whether the service copies the correlation id and its group onto its spans. Not every team does. */
  annotates: boolean;
  /** While it says so no spans are recorded; the trace context is passed on all the same. */
  isSilent: () => boolean;
}

/**
 * Starts tracing. It must run before kafkajs and http are loaded, because the instrumentations patch them when they are required.
 * The exporter reads OTEL_EXPORTER_OTLP_ENDPOINT; while nothing listens there, spans are dropped after a bounded queue of 2,048.
 */
export function startTelemetry({ serviceName, group, annotates, isSilent }: TelemetryOptions): NodeSDK {
  const correlate = (span: Span, info: MessageInfo<KafkajsMessage>): void => {
    const id = headerText(info.message.headers, 'correlation-id');
    if (id !== undefined) span.setAttribute('messaging.message.conversation_id', id);
    const replayId = headerText(info.message.headers, 'replay-id');
    if (replayId !== undefined) span.setAttribute('messaging.header.replay_id', replayId);
  };
  const sdk = new NodeSDK({
    serviceName,
    // SamplingDecision: 0 is NOT_RECORD, 2 is RECORD_AND_SAMPLED.
    sampler: { shouldSample: () => ({ decision: isSilent() ? 0 : 2 }), toString: () => 'the shop’s' },
    resourceDetectors: [],
    metricReaders: [],
    logRecordProcessors: [],
    traceExporter: new OTLPTraceExporter(),
    instrumentations: [
      new HttpInstrumentation({ disableIncomingRequestInstrumentation: true }),
      new KafkaJsInstrumentation(
        annotates
          ? {
              producerHook: correlate,
              consumerHook: (span, info) => {
                correlate(span, info);
                span.setAttribute('messaging.consumer.group.name', group);
              },
            }
          : {},
      ),
    ],
  });
  sdk.start();
  return sdk;
}
