import type { Logger } from 'pino';
import type { BrokerRegistry } from '#lib/brokers/registry.ts';
import type { Clock } from '#lib/clock.ts';
import type { Config } from '#lib/config.ts';
import type { Store } from '#lib/store/store.ts';

/** What every collector works with. */
export interface CollectorContext {
  store: Store;
  config: Config;
  clock: Clock;
  log: Logger;
  brokers: BrokerRegistry;
  /** host:pid of this process: the holder of its leases. */
  holder: string;
  /** Aborts when the process is to end; a collector then drains and its promise resolves. */
  signal: AbortSignal;
}
