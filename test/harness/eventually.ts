import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits for an outcome: calls `look` until it returns without throwing, and returns what it returned.
 * @throws the last failure of `look` once `timeoutMs` has passed
 */
export async function eventually<Result>(look: () => Result | Promise<Result>, { timeoutMs = 15_000, everyMs = 100 } = {}): Promise<Result> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await delay(everyMs);
    }
  }
}
