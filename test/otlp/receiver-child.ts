// A receiver in a process of its own, so that a test can kill it.
import { pino } from 'pino';
import { loadConfig } from '#lib/config.ts';
import { openStore } from '#lib/store/store.ts';
import { openTracesReceiver } from '../../collectors/traces.ts';

process.once('message', (request) => {
  const { databaseUrl, nowMs } = request as { databaseUrl: string; nowMs: number };
  const config = { ...loadConfig({ NODE_ENV: 'test' }, '/nowhere'), otlpPort: 0 };
  void openTracesReceiver({ store: openStore(databaseUrl), config, clock: { now: () => new Date(nowMs) }, log: pino({ level: 'silent' }), brokers: undefined as never, holder: `child:${process.pid}`, signal: new AbortController().signal })
    .then(({ port }) => process.send!({ port }));
});
process.once('disconnect', () => process.exit());
