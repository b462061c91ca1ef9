import { pino, type Logger } from 'pino';
import { loadConfig, type Config } from '#lib/config.ts';
import { systemClock, type Clock } from '#lib/clock.ts';
import { WaybillError } from '#lib/errors.ts';
import { openStore, type Store } from '#lib/store/store.ts';

/** What the web process works with. It holds no broker connection. */
export interface Web {
  store: Store;
  config: Config;
  clock: Clock;
  log: Logger;
  /** Aborts when the process is to end: streams close, waits stop. */
  closing: AbortController;
}

// On globalThis because Next's bundler may load this module more than once in one process, and a store must not be opened twice.
const holder = globalThis as typeof globalThis & { waybillWeb?: Web };

/**
 * The web process's store, settings and log; opened at the first call.
 * @throws WaybillError `config-invalid`, `database-missing`
 */
export function web(): Web {
  if (holder.waybillWeb) return holder.waybillWeb;
  const config = loadConfig();
  if (!config.databaseUrl) throw new WaybillError('database-missing', 'DATABASE_URL is not set: start Waybill with `npm start`, which brings a database, or set it.', { status: 500 });
  const store = openStore(config.databaseUrl, { applicationName: 'waybill-web' });
  holder.waybillWeb = { store, config, clock: systemClock, log: pino({ name: 'waybill-web', level: process.env['LOG_LEVEL'] ?? 'info' }), closing: new AbortController() };
  return holder.waybillWeb;
}

/** Puts another store, configuration or clock in place: tests call route handlers as functions. */
export function useWeb(parts: Web): void {
  holder.waybillWeb = parts;
}
