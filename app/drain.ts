import { web } from './web.ts';

/** How long open requests may take to end after SIGTERM. */
const DRAIN_MS = 5_000;

/** On SIGTERM or SIGINT: streams close at once, requests get a moment to end, then the store closes, spans are flushed and the process ends well. */
export function drainOnSignals(stopTelemetry?: () => Promise<void>): void {
  let draining = false;
  const drain = async () => {
    if (draining) return;
    draining = true;
    const deadline = setTimeout(() => process.exit(0), DRAIN_MS);
    deadline.unref();
    try {
      const { store, closing } = web();
      closing.abort();
      // Ending the pool waits for the statements under way.
      await Promise.all([store.close(), stopTelemetry?.()]);
    } catch {
      // The store was never opened, or its settings were wrong: there is nothing to end.
    }
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void drain());
}
