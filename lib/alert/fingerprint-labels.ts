import type { Labels } from '#lib/model/alert.ts';

const OFFSET_BASIS = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;
const MASK = 0xffffffffffffffffn;
const SEPARATOR = 0xff; // never part of UTF-8, so no label can imitate another's border

/**
 * Identity of an alert: FNV-1a (64 bit) over the sorted label names and values, as Prometheus and Alertmanager do it.
 * The value is never part of it: the same trouble at another figure is the same alert.
 * @returns 16 lower-case hex digits
 */
export function fingerprintLabels(labels: Labels): string {
  const encoder = new TextEncoder();
  let hash = OFFSET_BASIS;
  const add = (byte: number): void => {
    hash = ((hash ^ BigInt(byte)) * PRIME) & MASK;
  };
  for (const name of Object.keys(labels).toSorted()) {
    for (const byte of encoder.encode(name)) add(byte);
    add(SEPARATOR);
    for (const byte of encoder.encode(labels[name] ?? '')) add(byte);
    add(SEPARATOR);
  }
  return hash.toString(16).padStart(16, '0');
}
