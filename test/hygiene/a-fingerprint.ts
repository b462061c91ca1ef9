import type { Fingerprint } from '#lib/model/hygiene.ts';

const START_MS = Date.UTC(2026, 10, 21, 12);

/** A fingerprint for tests: `n` gives its offset and its time, a second apart; what is not named is absent. */
export function aFingerprint(n: number, given: Partial<Fingerprint> = {}): Fingerprint {
  return {
    partition: 0, offset: BigInt(n), atMs: START_MS + n * 1_000, bytes: 400, idHash: null, keyHash: null, payloadHash: null, eventAtMs: null, sequenceScope: null, sequence: null, correlated: true, traced: true, replayed: false, marked: true,
    ...given,
  };
}
