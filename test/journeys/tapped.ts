import { readFileSync } from 'node:fs';
import type { RecordFact } from '#lib/model/journey.ts';

/**
 * What the tap would have read of a run's topics. The corpus conveys of a record's headers the correlation id alone (every service of it writes one);
 * the `traceparent` that an instrumented producer adds is not in it.
 */
export function recordsOf(run: string): RecordFact[] {
  const { events } = JSON.parse(readFileSync(new URL(`../corpora/otlp/${run}/expected.json`, import.meta.url), 'utf8')) as {
    events: { correlationId: string; hops: { atMs: number; did: string; topic: string; partition: number; offset: string; key: string }[] }[];
  };
  return events.flatMap((event) => event.hops.filter((hop) => hop.did === 'published' || hop.did === 'dead-lettered').map((hop): RecordFact => ({
    cluster: null, incarnation: 0, topic: hop.topic, partition: hop.partition, offset: BigInt(hop.offset), timestampNs: BigInt(hop.atMs) * 1_000_000n, messageKey: hop.key, parent: null,
    journeyKey: event.correlationId, journeyKeyBy: 'correlation-id', eventId: null, causationId: null,
  })));
}
