/** 1204 as "1,204". */
export function sayCount(count: number | bigint): string {
  return count.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** Seconds in two units at most: "4 min 10 s", "2 h 5 min", "3 d". Below a second: "0 s". */
export function saySeconds(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const units: [number, string][] = [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'min'],
    [1, 's'],
  ];
  const first = units.findIndex(([size]) => whole >= size);
  if (first === -1) return '0 s';
  const [size, unit] = units[first] ?? [1, 's'];
  const rest = whole % size;
  const [nextSize, nextUnit] = units[first + 1] ?? [1, ''];
  const next = nextUnit === '' ? 0 : Math.floor(rest / nextSize);
  return next === 0 ? `${Math.floor(whole / size)} ${unit}` : `${Math.floor(whole / size)} ${unit} ${next} ${nextUnit}`;
}

/** "1 record", "1,204 records". */
export function sayMany(count: number | bigint, one: string, many: string): string {
  return `${sayCount(count)} ${count === 1 || count === 1n ? one : many}`;
}
