import { type Attributes, SpanStatusCode, trace } from '@opentelemetry/api';
import { errorText } from './errors.ts';

const tracer = trace.getTracer('waybill');

/**
 * Runs one unit of work inside a span with a constant name; details go into attributes. Without a started SDK
 * (lib/telemetry.ts, or WAYBILL_TELEMETRY=off) it costs next to nothing.
 */
export function traceWork<Result>(name: string, attributes: Attributes, work: () => Promise<Result>): Promise<Result> {
  return tracer.startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await work();
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: errorText(error).slice(0, 500) });
      throw error;
    } finally {
      span.end();
    }
  });
}
