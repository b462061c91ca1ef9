import { Worker } from 'node:worker_threads';
import type { CollectorContext } from './context.ts';

/** Collectors that may be run so: what thread.ts knows. */
export type ThreadedCollector = 'journeys';

/** What such a thread is given. */
export interface ThreadData {
  name: ThreadedCollector;
  holder: string;
}

/** Thousands of objects live for one transaction: with the main thread's room for young ones most are copied twice before they are let go. */
const YOUNG_MB = 48;

/**
 * Runs a collector in a thread of its own, with its own connections to the store. For those that compute for long: in the main thread whoever sends
 * spans by HTTP, and whoever waits for a broker's answer, would wait for them. Resolves when it ended after the context's signal aborted.
 * @throws what ended the thread otherwise
 */
export async function runInThread(name: ThreadedCollector, { store, holder, signal }: Pick<CollectorContext, 'store' | 'holder' | 'signal'>): Promise<void> {
  const data: ThreadData = { name, holder };
  const worker = new Worker(new URL('./thread.ts', import.meta.url), {
    name, workerData: data, env: { ...process.env, DATABASE_URL: store.databaseUrl }, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
  });
  const stop = () => worker.postMessage('stop');
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      worker.once('error', reject);
      worker.once('exit', (code) => (signal.aborted ? resolve() : reject(new Error(`the thread of the collector ${name} ended with ${code}`))));
    });
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
