import { setTimeout as delay } from 'node:timers/promises';

/** The longest wait at a broker's word: a quota so tight that it asks for more would stop the collection altogether. */
const MAX_WAIT_MS = 10_000;

/** Sends no request to a broker before the time it asked for is over (throttle_time_ms, KIP-219: it mutes the connection until then anyway). */
export interface Pace {
  /** What a broker said in an answer that has just come. */
  told(nodeId: number, throttleTimeMs: number): void;
  wait(nodeId: number, signal: AbortSignal): Promise<void>;
}

export function createPace(): Pace {
  const until = new Map<number, number>();
  return {
    told(nodeId, throttleTimeMs) {
      if (throttleTimeMs > 0) until.set(nodeId, performance.now() + Math.min(throttleTimeMs, MAX_WAIT_MS));
    },
    async wait(nodeId, signal) {
      const ms = (until.get(nodeId) ?? 0) - performance.now();
      if (ms > 0) await delay(ms, undefined, { signal });
    },
  };
}
