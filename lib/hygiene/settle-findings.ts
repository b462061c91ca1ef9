import type { Detected, FindingKind, FindingSubject, KeptFinding } from '#lib/model/hygiene.ts';

/** How long the evidence must be gone before a finding resolves by itself: longer than a detector may miss a turn. */
export const RESOLVE_AFTER_MS = 300_000;

export interface SettledFindings<Kept extends KeptFinding> {
  /** New ones, and resolved ones that are there again: open from the evidence on. */
  opened: { found: Detected; kept: Kept | null }[];
  /** Open ones that are still there. */
  seenAgain: { found: Detected; kept: Kept }[];
  resolved: Kept[];
}

/** What a finding is one of, whenever it is found. */
export function findingKey(one: { kind: FindingKind; subject: FindingSubject }): string {
  return JSON.stringify([one.kind, one.subject.topic, one.subject.group, one.subject.service]);
}

/**
 * What detectors found against what is kept. One that is not found any more stays open for a while, and for as long as its detector cannot know:
 * what is not looked at is not mended.
 * @param couldLook whether its detector could look at its subject this time
 */
export function settleFindings<Kept extends KeptFinding>(kept: readonly Kept[], found: readonly Detected[], couldLook: (one: { kind: FindingKind; subject: FindingSubject }) => boolean, now: Date): SettledFindings<Kept> {
  const before = new Map(kept.map((one) => [findingKey(one), one]));
  const unique = [...new Map(found.map((one) => [findingKey(one), one])).values()];
  const keys = new Set(unique.map(findingKey));
  const settled: SettledFindings<Kept> = { opened: [], seenAgain: [], resolved: [] };
  for (const one of unique) {
    const known = before.get(findingKey(one)) ?? null;
    if (known?.state === 'open') settled.seenAgain.push({ found: one, kept: known });
    else settled.opened.push({ found: one, kept: known });
  }
  for (const one of kept) {
    if (one.state === 'open' && !keys.has(findingKey(one)) && couldLook(one) && now.getTime() - one.detectedAt.getTime() >= RESOLVE_AFTER_MS) settled.resolved.push(one);
  }
  return settled;
}
