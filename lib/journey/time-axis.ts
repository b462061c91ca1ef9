/** A stretch of time and where it is drawn, as shares of the width. */
export interface AxisPart {
  fromMs: number;
  toMs: number;
  from: number;
  to: number;
  /** Nothing happens here: it is drawn narrow, with its length written in. */
  isGap: boolean;
}

export interface TimeAxis {
  parts: AxisPart[];
  /** Where a moment lies, 0 to 1. */
  at: (ms: number) => number;
}

const gapShare = 0.06;

/**
 * A time axis in which long waits between bursts of work are drawn short, so that four milliseconds of handling are still seen
 * beside four hours of waiting for a replay. A gap is longer than all the work, or than a fifth of everything.
 * @param busy when something happened, ms from the start
 */
export function timeAxis(busy: readonly { fromMs: number; toMs: number }[]): TimeAxis {
  const sorted = busy.toSorted((a, b) => a.fromMs - b.fromMs);
  const bursts: { fromMs: number; toMs: number }[] = [];
  const endMs = Math.max(1, ...sorted.map((each) => each.toMs));
  const startMs = Math.min(0, sorted[0]?.fromMs ?? 0);
  const workMs = sorted.reduce((sum, each) => sum + Math.max(0, each.toMs - each.fromMs), 0);
  const worthMs = Math.max(1, Math.min((endMs - startMs) / 5, Math.max(workMs, (endMs - startMs) / 50)));
  for (const each of sorted) {
    const last = bursts.at(-1);
    if (last !== undefined && each.fromMs - last.toMs < worthMs) last.toMs = Math.max(last.toMs, each.toMs);
    else bursts.push({ fromMs: each.fromMs, toMs: Math.max(each.fromMs, each.toMs) });
  }
  if (bursts.length === 0) bursts.push({ fromMs: startMs, toMs: endMs });
  const first = bursts[0]!;
  first.fromMs = Math.min(first.fromMs, startMs);
  const gaps = bursts.length - 1;
  const share = Math.min(gapShare, 0.4 / Math.max(1, gaps));
  const room = 1 - gaps * share;
  // Every burst gets a part of the room for itself, so that a single moment between two gaps can still be seen.
  const least = (room * 0.3) / bursts.length;
  const burstMs = bursts.reduce((sum, burst) => sum + (burst.toMs - burst.fromMs), 0);
  const parts: AxisPart[] = [];
  let place = 0;
  bursts.forEach((burst, index) => {
    const previous = bursts[index - 1];
    if (previous !== undefined) {
      parts.push({ fromMs: previous.toMs, toMs: burst.fromMs, from: place, to: place + share, isGap: true });
      place += share;
    }
    const width = least + (burstMs === 0 ? (room * 0.7) / bursts.length : room * 0.7 * ((burst.toMs - burst.fromMs) / burstMs));
    parts.push({ fromMs: burst.fromMs, toMs: burst.toMs, from: place, to: place + width, isGap: false });
    place += width;
  });
  return {
    parts,
    at: (ms) => {
      const part = parts.find((each) => ms <= each.toMs) ?? parts.at(-1)!;
      if (part.toMs === part.fromMs) return part.from;
      const share = Math.min(1, Math.max(0, (ms - part.fromMs) / (part.toMs - part.fromMs)));
      return part.from + share * (part.to - part.from);
    },
  };
}
