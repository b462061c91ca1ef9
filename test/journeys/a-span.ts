import type { JourneySpan } from '#lib/model/journey.ts';

/** A span of trace "t" that says nothing but what is given. */
export function aSpan(spanId: string, change: Partial<JourneySpan>): JourneySpan {
  return {
    traceId: 't', spanId, parentSpanId: null, service: 'shop', name: spanId, kind: 1, startNs: 1_000_000_000n, durationNs: 1_000_000n, statusCode: 0, statusMessage: null, cluster: null, incarnation: 0,
    operation: null, topic: null, partition: null, offset: null, messageKey: null, group: null, journeyKey: null, journeyKeyBy: null, eventId: null, causationId: null, batch: false, links: [], ...change,
  };
}
