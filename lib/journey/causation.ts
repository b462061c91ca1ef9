// Who says of itself that it was caused by whom: a record carries the id of its own event and the id of the event before it.

/** A publication or a handling of a record, as far as causes are concerned. */
export interface Caused {
  index: number;
  /** The record it is about. */
  record: string;
  /** Publications name what they caused themselves; handlings only repeat what the record says. */
  isSend: boolean;
  service: string | null;
  topic: string | null;
  startNs: bigint;
  eventId: string | null;
  causationId: string | null;
}

export interface Cause {
  from: number;
  to: number;
  detail: string;
}

/**
 * Edges from cause to effect: from the handling of the causing event in the service that published the effect, else from the publication of the
 * causing event, else from its first handling. An effect nobody was seen to publish is each handling of it. A record that was copied on with its
 * headers (a retry, a replay) was caused once: the first with its event id counts. The result depends on the set alone.
 * @param units in an order of their own
 */
export function findCauses(units: readonly Caused[]): Cause[] {
  const byEvent = new Map<string, Caused[]>();
  for (const unit of units) if (unit.eventId !== null) byEvent.set(unit.eventId, [...(byEvent.get(unit.eventId) ?? []), unit]);

  // Of each effect the units that tell of it: its publication, else its handlings.
  const effects = new Map<string, Caused[]>();
  for (const unit of units) {
    if (unit.causationId === null || unit.causationId === unit.eventId) continue;
    const name = unit.eventId === null ? unit.record : `event ${unit.eventId}`;
    effects.set(name, [...(effects.get(name) ?? []), unit]);
  }
  const causes: Cause[] = [];
  for (const told of effects.values()) {
    const first = told.toSorted(earlier)[0]!;
    const same = told.filter((unit) => unit.record === first.record);
    const sends = same.filter((unit) => unit.isSend);
    for (const effect of sends.length > 0 ? sends.slice(0, 1) : same) {
      const of = (byEvent.get(effect.causationId!) ?? []).filter((unit) => unit.record !== effect.record).toSorted(earlier);
      if (of.length === 0) continue;
      const own = effect.isSend && effect.service !== null ? of.filter((unit) => !unit.isSend && unit.service === effect.service) : [];
      const cause = own.findLast((unit) => unit.startNs <= effect.startNs) ?? own[0] ?? of.find((unit) => unit.isSend) ?? of[0]!;
      causes.push({
        from: cause.index, to: effect.index,
        detail: own.length > 0 ? `its causation id ${effect.causationId} is the event that ${effect.service} was handling` : `its causation id ${effect.causationId} is the id of that event`,
      });
    }
  }
  return causes;
}

/**
 * Edges between units of one event that carry its id: from its publication to handlings that no trace connects with it, and to records that it was
 * copied to (a retry topic) from the handling in the service that copied it.
 * @param isConnected whether a handling's publication is known already
 */
export function findSameEvents(units: readonly Caused[], isConnected: (index: number) => boolean): Cause[] {
  const events = new Map<string, Caused[]>();
  for (const unit of units.toSorted(earlier)) if (unit.eventId !== null) events.set(unit.eventId, [...(events.get(unit.eventId) ?? []), unit]);
  const found: Cause[] = [];
  for (const [id, same] of events) {
    const first = same.find((unit) => unit.isSend) ?? same[0]!;
    for (const unit of same) {
      if (unit === first) continue;
      const from = unit.isSend
        ? (same.findLast((other) => !other.isSend && other.service !== null && other.service === unit.service && other.record !== unit.record && other.startNs <= unit.startNs) ?? first)
        : isConnected(unit.index) ? undefined : (same.find((other) => other.isSend && other.topic === unit.topic) ?? first);
      if (from !== undefined) found.push({ from: from.index, to: unit.index, detail: `both carry the event id ${id}` });
    }
  }
  return found;
}

function earlier(a: Caused, b: Caused): number {
  return a.startNs < b.startNs ? -1 : a.startNs > b.startNs ? 1 : a.index - b.index;
}
