// When a group of alerts is told to an endpoint, after Alertmanager's group_wait, group_interval and repeat_interval.
// It looks at levels, not at events: what fires now against what the endpoint was last told. So nothing is lost when an
// evaluation is skipped, repeated or cut off, and a restart needs no memory beside the stored log.

import type { GroupingTimings, NotificationReason } from '#lib/model/alert.ts';

/** The notification log of one (endpoint, group). */
export interface GroupLog {
  /** Fingerprints the endpoint was last told are firing. */
  toldFiring: readonly string[];
  /** When the first alert of the group fired that the endpoint has not been told of; null when there is none. */
  firstFiringAt: Date | null;
  lastNotifiedAt: Date | null;
}

export interface GroupLevel {
  /** Fingerprints that fire now and are not silenced. */
  firing: readonly string[];
  /** Fingerprints that fire now but are silenced: neither told nor resolved. */
  silenced: readonly string[];
}

export interface NotificationPlan {
  /** Null: nothing to say now. */
  notify: { reason: NotificationReason; firing: string[]; resolved: string[] } | null;
  next: GroupLog;
  /** When to look again at the latest; null when the group is quiet. */
  nextNotifyAt: Date | null;
}

export const EMPTY_LOG: GroupLog = { toldFiring: [], firstFiringAt: null, lastNotifiedAt: null };

/**
 * What to tell, and the log after it. A resolve is told even when the alert was silenced meanwhile: whoever was told that
 * something fires is owed its end.
 */
export function planNotification(log: GroupLog, level: GroupLevel, timings: GroupingTimings, now: Date): NotificationPlan {
  const told = new Set(log.toldFiring);
  const firing = new Set(level.firing);
  const silenced = new Set(level.silenced);
  const added = [...firing].filter((fingerprint) => !told.has(fingerprint));
  const resolved = [...told].filter((fingerprint) => !firing.has(fingerprint) && !silenced.has(fingerprint));

  if (added.length === 0 && resolved.length === 0) {
    if (firing.size === 0) return quiet(log, told);
    // The same alerts fire on: say so again after the repeat interval.
    const repeatAt = addMs(log.lastNotifiedAt ?? now, timings.repeatIntervalMs);
    if (log.lastNotifiedAt !== null && now >= repeatAt) return tell('repeat', firing, told, silenced, [], timings, now);
    return { notify: null, next: { ...log, firstFiringAt: null }, nextNotifyAt: repeatAt };
  }

  const firstFiringAt = added.length > 0 ? (log.firstFiringAt ?? now) : null;
  // A group nobody was told of waits for its companions; one that was told of waits out its interval.
  const dueAt =
    told.size === 0 || log.lastNotifiedAt === null ? addMs(firstFiringAt ?? now, timings.groupWaitMs) : addMs(log.lastNotifiedAt, timings.groupIntervalMs);
  if (now < dueAt) return { notify: null, next: { ...log, firstFiringAt }, nextNotifyAt: dueAt };
  return tell(added.length > 0 ? 'new-firing' : 'new-resolved', firing, told, silenced, resolved, timings, now);
}

function quiet(log: GroupLog, told: Set<string>): NotificationPlan {
  return { notify: null, next: { ...log, toldFiring: [...told], firstFiringAt: null }, nextNotifyAt: null };
}

function tell(
  reason: NotificationReason,
  firing: Set<string>,
  told: Set<string>,
  silenced: Set<string>,
  resolved: string[],
  timings: GroupingTimings,
  now: Date,
): NotificationPlan {
  // What was told and is silenced now is still open at the receiver: keep it, so that its end is told.
  const stillTold = new Set([...firing, ...[...told].filter((fingerprint) => silenced.has(fingerprint))]);
  return {
    notify: { reason, firing: [...firing].toSorted(), resolved: resolved.toSorted() },
    next: { toldFiring: [...stillTold].toSorted(), firstFiringAt: null, lastNotifiedAt: now },
    nextNotifyAt: firing.size > 0 ? addMs(now, timings.repeatIntervalMs) : null,
  };
}

function addMs(at: Date, ms: number): Date {
  return new Date(at.getTime() + ms);
}
