import type { Labels } from '#lib/model/alert.ts';

const SEPARATOR = 0xff; // never part of UTF-8, so no label can imitate another's border
const PRIME_LOW = 0x1b3; // the 64-bit prime of FNV-1a is 2^40 + 0x1b3
const WORD = 0x1_0000_0000;
const encoder = new TextEncoder();

/**
 * Identity of an alert: FNV-1a (64 bit) over the sorted label names and values, as Prometheus and Alertmanager do it.
 * The value is never part of it: the same trouble at another figure is the same alert.
 *
 * Two 32-bit halves instead of a bigint: thousands of groups are fingerprinted in each evaluation. Every product stays
 * below 2^53, so nothing is rounded.
 * @returns 16 lower-case hex digits
 */
export function fingerprintLabels(labels: Labels): string {
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  const add = (byte: number): void => {
    const mixed = (low ^ byte) >>> 0;
    const product = mixed * PRIME_LOW;
    high = (high * PRIME_LOW + Math.floor(product / WORD) + mixed * 256) >>> 0;
    low = product >>> 0;
  };
  for (const name of Object.keys(labels).toSorted()) {
    for (const byte of encoder.encode(name)) add(byte);
    add(SEPARATOR);
    for (const byte of encoder.encode(labels[name] ?? '')) add(byte);
    add(SEPARATOR);
  }
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0');
}
