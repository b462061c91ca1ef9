import type { Labels, Matcher } from '#lib/model/alert.ts';
import { matchPattern, parsePattern } from './match-pattern.ts';

export interface SilenceWindow {
  id: string;
  matchers: Matcher[];
  startsAt: Date;
  endsAt: Date;
  /** Ended early by a person. */
  endedAt: Date | null;
}

/** Whether all matchers hold. A label that is absent counts as the empty text, as in Alertmanager. */
export function matchesAll(matchers: readonly Matcher[], labels: Labels): boolean {
  return matchers.every((matcher) => matches(matcher, labels));
}

function matches(matcher: Matcher, labels: Labels): boolean {
  const value = Object.hasOwn(labels, matcher.label) ? (labels[matcher.label] ?? '') : '';
  switch (matcher.operator) {
    case '=':
      return value === matcher.value;
    case '!=':
      return value !== matcher.value;
    case '=~':
    case '!~': {
      const parsed = parsePattern(matcher.value);
      // A pattern that no longer parses silences nothing: an alert too many is better than one too few.
      if ('problem' in parsed) return false;
      return matchPattern(parsed.pattern, value) === (matcher.operator === '=~');
    }
  }
}

/** The first silence in force at `now` that covers these labels, or null. A silence without matchers covers nothing. */
export function findSilence(silences: readonly SilenceWindow[], labels: Labels, now: Date): SilenceWindow | null {
  const at = now.getTime();
  return (
    silences.find(
      (silence) =>
        silence.matchers.length > 0 &&
        silence.startsAt.getTime() <= at &&
        at < silence.endsAt.getTime() &&
        (silence.endedAt === null || at < silence.endedAt.getTime()) &&
        matchesAll(silence.matchers, labels),
    ) ?? null
  );
}
