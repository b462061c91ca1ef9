import { noteProducers, type ProducerSighting } from '#lib/store/topics/note-producers.ts';
import type { Store } from '#lib/store/store.ts';

const MOST_KNOWN = 50_000;
const NOTE_EVERY_MS = 60_000;

/**
 * Who writes to which topic, gathered from spans as they are stored: a table of a few rows instead of a search through all spans. A pair
 * is written when it is new to this process and then once a minute.
 */
export class ProducerSightings {
  private readonly notedAt = new Map<string, number>();

  /** Never fails: a sighting that could not be written comes again with a later span. */
  async note(store: Store, seen: readonly ProducerSighting[], nowMs: number): Promise<void> {
    const due = new Map<string, ProducerSighting>();
    for (const { topic, clusterId, service, seenAt } of seen) {
      const key = `${topic}\n${clusterId}\n${service}`;
      const last = this.notedAt.get(key);
      if (last !== undefined && nowMs - last < NOTE_EVERY_MS) continue;
      // A producer's clock may be ahead; what it sent was sent by now.
      const seenAtMs = Math.min(seenAt.getTime(), nowMs);
      const known = due.get(key);
      if (!known || known.seenAt.getTime() < seenAtMs) due.set(key, { topic, clusterId, service, seenAt: new Date(seenAtMs) });
    }
    if (due.size === 0) return;
    if (this.notedAt.size + due.size > MOST_KNOWN) this.notedAt.clear();
    for (const key of due.keys()) this.notedAt.set(key, nowMs);
    try {
      await noteProducers(store, [...due.values()]);
    } catch {
      for (const key of due.keys()) this.notedAt.delete(key);
    }
  }
}
