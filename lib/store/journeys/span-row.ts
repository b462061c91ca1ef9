import type { Operation } from '#lib/model/journey.ts';

/** A span as it is inserted. Text is free of NUL; figures fit their columns. */
export interface SpanRow {
  /** 32 lower-case hex digits. */
  traceId: string;
  spanId: string;
  parentSpanId: string | null;
  clusterId: number | null;
  service: string | null;
  name: string;
  kind: number;
  startNs: bigint;
  durationNs: bigint;
  statusCode: number;
  statusMessage: string | null;
  operation: Operation | null;
  topic: string | null;
  partition: number | null;
  offset: bigint | null;
  messageKey: string | null;
  group: string | null;
  journeyKey: string | null;
  journeyKeyBy: string | null;
  eventId: string | null;
  causationId: string | null;
  batch: boolean;
  /** JSON, or null without links. */
  links: string | null;
  /** packAttributes; one line. */
  attributes: string;
  /** Whether journeys may change by it: not so for Waybill's own spans. */
  tells: boolean;
}
