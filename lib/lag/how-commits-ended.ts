/** What became of commits that are gone, as far as there is evidence. Times are epoch ms. */
export interface CommitsEnded {
  how: 'deleted' | 'expired' | 'unclear';
  /** When they were first missed. */
  at: number;
  /** Who deleted them through Waybill, and why; null where it was not done through Waybill. */
  by: string | null;
  reason: string | null;
  /** How long the broker keeps offsets (offsets.retention.minutes). null = not known. */
  retentionMs: number | null;
  /** How long nobody had committed, and no member had been there, when they were missed. null = not seen. */
  idleMs: number | null;
}

export interface EndingEvidence {
  /** Waybill's own audited deletion of the group, or of its offsets. */
  deletion: { by: string; reason: string | null } | null;
  retentionMs: number | null;
  /** The last commit that was seen, or the last moment with members, whichever is later (KIP-211: offsets expire only after both). null = neither was seen. */
  lastActiveAt: number | null;
  /** Since when nothing at all has been seen of it, where `lastActiveAt` is null. */
  watchedSince: number;
}

/** Of the retention: what was seen is a cycle or a gap younger than what happened. */
const SLACK = 0.1;

/**
 * Tells a deletion from an expiry (KIP-211): offsets cannot expire before offsets.retention.minutes have passed since the last commit and the last member.
 * Where that time has passed they expired; before it somebody deleted them. Without a commit or a member seen, or without the setting, it can't be said.
 */
export function howCommitsEnded({ deletion, retentionMs, lastActiveAt, watchedSince }: EndingEvidence, nowMs: number): CommitsEnded {
  const idleMs = lastActiveAt === null ? null : Math.max(0, nowMs - lastActiveAt);
  const facts = { at: nowMs, by: deletion?.by ?? null, reason: deletion?.reason ?? null, retentionMs, idleMs };
  if (deletion !== null) return { how: 'deleted', ...facts };
  if (retentionMs === null) return { how: 'unclear', ...facts };
  // Nothing was seen for longer than offsets are kept: then nothing happened either.
  if ((idleMs ?? nowMs - watchedSince) >= retentionMs) return { how: 'expired', ...facts };
  return { how: idleMs !== null && idleMs < retentionMs * (1 - SLACK) ? 'deleted' : 'unclear', ...facts };
}

/** One group's state as far as it tells when somebody was last at work in it. */
export interface LastActivity {
  memberlessSince: number | null;
  /** With members, and when that was last seen. */
  membersSeenAt: number | null;
  committedAt: Iterable<number | null>;
}

/** null where neither a commit nor a member was seen. */
export function lastActivityOf({ memberlessSince, membersSeenAt, committedAt }: LastActivity): number | null {
  let last: number | null = null;
  for (const at of [memberlessSince, membersSeenAt, ...committedAt]) if (at !== null && (last === null || at > last)) last = at;
  return last;
}
