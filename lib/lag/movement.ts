// How fast the ends and the commits of a group's partitions move, from stored samples.

/** An offset as it was at `at` (epoch ms); null where there was none. */
export interface OffsetAt {
  at: number;
  offset: bigint | null;
}

export interface Movement {
  /** Per second over the window; steps back count as no progress. null = not known. */
  perSecond: number | null;
  /** Where it stood `handledMs` ago, or as far back as is known. */
  before: bigint | null;
}

/** Rates are those of the last minute, as of the group. */
export const RATE_WINDOW_MS = 60_000;
/** How far samples are read back. */
export const MOVEMENT_SPAN_MS = 600_000;
/** A shorter stretch says nothing about a rate. */
const MIN_STRETCH_MS = 5_000;

/**
 * Movement of one offset. Samples hold only changes: between two of them it stood still.
 * @param samples in the order of time, within MOVEMENT_SPAN_MS before `asOfMs`
 * @param current as last read
 * @param asOfMs when `current` was read
 * @param knownSinceMs since when it is watched: without a sample it is known to have stood still only from there
 */
export function movementOf(samples: readonly OffsetAt[], current: bigint | null, asOfMs: number, knownSinceMs: number): Movement {
  if (current === null) return { perSecond: null, before: null };
  const first = samples.find((sample) => sample.offset !== null);
  if (first === undefined || first.offset === null) return { perSecond: knownSinceMs <= asOfMs - MIN_STRETCH_MS ? 0 : null, before: current };
  const from = asOfMs - RATE_WINDOW_MS;
  // What it stood at when the window began; where that is not known, the first that is.
  let base = first;
  for (const sample of samples) if (sample.at <= from && sample.offset !== null) base = sample;
  const startMs = Math.max(base.at, from);
  let grown = 0n;
  let previous = base.offset;
  for (const { at, offset } of [...samples.filter((sample) => sample.at > base.at), { at: asOfMs, offset: current }]) {
    if (offset === null || at < base.at) continue;
    if (previous !== null && offset > previous) grown += offset - previous;
    previous = offset;
  }
  return { perSecond: asOfMs - startMs < MIN_STRETCH_MS ? null : Number(grown) / ((asOfMs - startMs) / 1_000), before: first.offset };
}
