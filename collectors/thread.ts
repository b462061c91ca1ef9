// A collector in a thread of its own (in-thread.ts): the same context as in the main thread, with its own store.
import { parentPort, workerData } from 'node:worker_threads';
import { pino } from 'pino';
import { openBrokerRegistry } from '#lib/brokers/registry.ts';
import { systemClock } from '#lib/clock.ts';
import { loadConfig } from '#lib/config.ts';
import { openStore } from '#lib/store/store.ts';
import type { CollectorContext } from './context.ts';
import type { ThreadData, ThreadedCollector } from './in-thread.ts';

const COLLECTORS: Record<ThreadedCollector, () => Promise<(context: CollectorContext) => Promise<void>>> = {
  journeys: async () => (await import('./journeys.ts')).runJourneysCollector,
};

const { name, holder } = workerData as ThreadData;
const config = loadConfig();
const log = pino({ name: 'waybill-collect', level: process.env['LOG_LEVEL'] ?? 'info' });
const store = openStore(config.databaseUrl!, { poolSize: 4, applicationName: 'waybill-collect' });
const brokers = openBrokerRegistry(config.clusters, { log });
const stop = new AbortController();
parentPort!.once('message', () => stop.abort());
const run = await COLLECTORS[name]();
await run({ store, config, clock: systemClock, log, brokers, holder, signal: stop.signal });
await brokers.close();
await store.close();
parentPort!.close();
