// Figures as words, for sentences that are made below the screens. The same words as components/format.ts.

/** "1,204 records", "1 record". */
export function count(value: bigint | number, noun: string, plural = `${noun}s`): string {
  const digits = grouped(value);
  return `${digits} ${digits === '1' ? noun : plural}`;
}

/** "1,204". */
export function grouped(value: bigint | number): string {
  return value.toString().replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

/** A duration in at most two units: "4 min 10 s", "2 h 5 min", "3 d". */
export function words(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const units: [number, string, number, string][] = [
    [86_400, 'd', 3_600, 'h'],
    [3_600, 'h', 60, 'min'],
    [60, 'min', 1, 's'],
  ];
  for (const [size, unit, smaller, smallerUnit] of units) {
    if (seconds < size) continue;
    const rest = Math.floor((seconds % size) / smaller);
    return `${Math.floor(seconds / size)} ${unit}${rest > 0 ? ` ${rest} ${smallerUnit}` : ''}`;
  }
  return `${seconds} s`;
}

/** What a piece of work takes: "850 ms", "3.2 s", then as `words`. */
export function took(ms: number): string {
  if (ms < 1_000) return `${ms < 10 ? Number(ms.toPrecision(2)) : Math.round(ms)} ms`;
  return ms < 9_950 ? `${Number((ms / 1_000).toFixed(1))} s` : words(ms);
}

/** Per second with two significant digits: "0.034/s", "2.4/s", "8,200/s". */
export function rate(perSecond: number): string {
  if (perSecond === 0) return '0/s';
  const rounded = Number(perSecond.toPrecision(2));
  if (rounded >= 10) return `${grouped(Math.round(rounded))}/s`;
  return `${rounded >= 1e-6 ? Number(rounded.toFixed(7)) : rounded}/s`;
}

/** "96 %". 100 % and 0 % are promises: what merely rounds there stays a step away. */
export function percent(share: number): string {
  const value = share * 100;
  if (value > 99 && value < 100) return '99 %';
  if (value > 0 && value < 1) return value < 0.1 ? '0.1 %' : `${value.toFixed(1)} %`;
  return `${Math.round(value)} %`;
}

/** "partition 2", "partitions 2, 5 and 7", "partitions 1, 2, 3 and 9 more". */
export function partitionList(partitions: readonly number[]): string {
  const sorted = partitions.toSorted((a, b) => a - b);
  const [first] = sorted;
  if (sorted.length === 1 && first !== undefined) return `partition ${first}`;
  if (sorted.length <= 4) return `partitions ${sorted.slice(0, -1).join(', ')} and ${sorted.at(-1)}`;
  return `partitions ${sorted.slice(0, 3).join(', ')} and ${sorted.length - 3} more`;
}
