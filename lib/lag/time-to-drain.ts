/** `never` = the backlog does not shrink at these rates; null = not known. */
export type TimeToDrain = { seconds: number } | 'never' | null;

/** How long until the backlog is gone if both rates (records per second) stay as they are. */
export function timeToDrain(lag: bigint | null, producedPerSecond: number | null, consumedPerSecond: number | null): TimeToDrain {
  if (lag === null) return null;
  if (lag <= 0n) return { seconds: 0 };
  if (producedPerSecond === null || consumedPerSecond === null) return null;
  const shrinks = consumedPerSecond - producedPerSecond;
  return shrinks > 0 ? { seconds: Number(lag) / shrinks } : 'never';
}
