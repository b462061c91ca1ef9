import { hostname } from 'node:os';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { openBrokerRegistry } from '#lib/brokers/registry.ts';
import { systemClock } from '#lib/clock.ts';
import { loadConfig } from '#lib/config.ts';
import { errorText, WaybillError } from '#lib/errors.ts';
import { openStore } from '#lib/store/store.ts';
import type { CollectorContext } from './context.ts';
import { runInThread } from './in-thread.ts';

// Runs the collectors: all of them, or those that --only names. Each is loaded only where it runs.
const COLLECTORS: Record<string, () => Promise<(context: CollectorContext) => Promise<void>>> = {
  offsets: async () => (await import('./offsets.ts')).runOffsetsCollector,
  topics: async () => (await import('./topics.ts')).runTopicsCollector,
  traces: async () => (await import('./traces.ts')).runTracesCollector,
  'trace-topics': async () => (await import('./trace-topics.ts')).runTraceTopicsCollector,
  journeys: async () => (context) => runInThread('journeys', context),
  'expected-paths': async () => (await import('./expected-paths.ts')).runExpectedPathsCollector,
  'header-tap': async () => (await import('./header-tap.ts')).runHeaderTapCollector,
  'dead-letters': async () => (await import('./dead-letters.ts')).runDeadLettersCollector,
  'retry-topics': async () => (await import('./retry-topics.ts')).runRetryTopicsCollector,
  discovery: async () => (await import('./discovery.ts')).runDiscoveryCollector,
  hygiene: async () => (await import('./hygiene.ts')).runHygieneCollector,
  requests: async () => (await import('./requests.ts')).runRequestsCollector,
  replays: async () => (await import('./replays.ts')).runReplaysCollector,
  'replay-rules': async () => (await import('./replay-rules.ts')).runReplayRulesCollector,
  archives: async () => (await import('./archives.ts')).runArchivesCollector,
  outcomes: async () => (await import('./outcomes.ts')).runOutcomesCollector,
  alerts: async () => (await import('./alerts.ts')).runAlertsCollector,
  deliveries: async () => (await import('./deliveries.ts')).runDeliveriesCollector,
  retention: async () => (await import('./retention.ts')).runRetentionCollector,
};

/** How long collectors may drain after SIGTERM before the process ends without them. */
const DRAIN_MS = 8_000;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { only: { type: 'string' } } });
  const names = values.only ? values.only.split(',').map((name) => name.trim()) : Object.keys(COLLECTORS);
  const unknown = names.filter((name) => !(name in COLLECTORS));
  if (unknown.length > 0) throw new WaybillError('unknown-collector', `There is no collector "${unknown.join('", "')}". There are: ${Object.keys(COLLECTORS).join(', ')}.`);

  const config = loadConfig();
  if (!config.databaseUrl) throw new WaybillError('config-invalid', 'DATABASE_URL is not set. `npm start` starts an embedded PostgreSQL and sets it; a collector on its own needs it.');
  const log = pino({ name: 'waybill-collect', level: process.env['LOG_LEVEL'] ?? 'info' });
  // The SDK is loaded only where it is used: it is 30 MB of a collector's memory.
  const stopTelemetry = config.telemetry ? (await import('#lib/telemetry.ts')).startTelemetry({ service: 'waybill-collect', config }) : null;
  const store = openStore(config.databaseUrl, { poolSize: 16, applicationName: 'waybill-collect' });
  const brokers = openBrokerRegistry(config.clusters, { log });
  const stop = new AbortController();
  const context: CollectorContext = { store, config, clock: systemClock, log, brokers, holder: `${hostname()}:${process.pid}`, signal: stop.signal };

  const loaded = await Promise.all(names.map(async (name) => ({ name, run: await COLLECTORS[name]!() })));
  const running = loaded.map(({ name, run }) =>
    run(context).then(
      () => log.debug({ collector: name }, 'ended'),
      (error: unknown) => {
        // A loop never throws: this is a bug or a port that is taken. Say it and end, so that the supervisor sees it.
        log.fatal({ collector: name, err: error }, `collector ${name} ended: ${errorText(error)}`);
        process.exitCode = 1;
        stop.abort();
      },
    ),
  );
  log.info({ collectors: names }, 'collectors run');

  const end = (signal: string) => {
    if (stop.signal.aborted) process.exit(1);
    log.info({ signal }, 'draining');
    stop.abort();
  };
  process.on('SIGTERM', () => end('SIGTERM'));
  process.on('SIGINT', () => end('SIGINT'));
  // The launcher may be killed with SIGKILL; its channel closing is the one thing that tells. It must not keep a drained process.
  if (process.channel) {
    process.on('disconnect', () => end('launcher gone'));
    process.channel.unref();
  }

  await new Promise<void>((resolve) => (stop.signal.aborted ? resolve() : stop.signal.addEventListener('abort', () => resolve(), { once: true })));
  const deadline = setTimeout(() => {
    log.warn('some collectors did not drain in time');
    process.exit(process.exitCode ?? 1);
  }, DRAIN_MS);
  await Promise.all(running);
  await brokers.close();
  await stopTelemetry?.();
  await store.close();
  clearTimeout(deadline);
}

await main().catch((error: unknown) => {
  console.error(error instanceof WaybillError ? error.message : error);
  process.exit(1);
});
