import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import { parseSecretKey } from '#lib/access/seal-secret.ts';
import type { Clock } from '#lib/clock.ts';
import { loadConfig } from '#lib/config.ts';
import { createWebhookEndpoint } from '#lib/operations/create-webhook-endpoint.ts';
import type { ChannelContext } from '#lib/operations/webhook-endpoint-shape.ts';
import type { Store } from '#lib/store/store.ts';
import { parseTargetPolicy } from '#lib/webhook/guard-target.ts';
import type { CollectorContext } from '../../collectors/context.ts';
import { runDeliveriesCollector, type DeliveryTunings } from '../../collectors/deliveries.ts';

export const SECRET_KEY = randomBytes(32).toString('base64');
export const ACTOR = { name: 'ana' };
export const ALLOWED = ['127.0.0.1/32'];

/** A clock that a test moves. */
export class TestClock implements Clock {
  at: number;
  constructor(at: Date = new Date()) {
    this.at = at.getTime();
  }
  now(): Date {
    return new Date(this.at);
  }
  advance(seconds: number): Date {
    this.at += seconds * 1_000;
    return this.now();
  }
}

export function channelContext(clock: Clock): ChannelContext {
  return { keys: [parseSecretKey(SECRET_KEY)], policy: parseTargetPolicy(ALLOWED), now: clock.now() };
}

export async function addEndpoint(store: Store, clock: Clock, name: string, url: string): Promise<{ id: string; secret: string }> {
  const endpoint = await createWebhookEndpoint(store, { name, format: 'standard', url }, ACTOR, channelContext(clock));
  if (endpoint.secret === null) throw new Error('a signed endpoint has a secret');
  return { id: endpoint.id, secret: endpoint.secret };
}

/** What a collector works with, without brokers: alerts and deliveries never ask one. */
export function collectorContext(store: Store, clock: Clock, signal: AbortSignal, holder = 'test:1'): CollectorContext {
  const config = { ...loadConfig({ NODE_ENV: 'test', WAYBILL_SECRET_KEY: SECRET_KEY, WAYBILL_WEBHOOK_ALLOW: ALLOWED.join(',') }, '/nowhere'), databaseUrl: store.databaseUrl };
  const brokers = new Proxy({} as CollectorContext['brokers'], {
    get(_target, name) {
      throw new Error(`no broker here, but .${String(name)} was asked for`);
    },
  });
  return { store, config, clock, log: pino({ level: 'silent' }), brokers, holder, signal };
}

/** Runs the deliveries collector; ended and awaited by the returned function, and at the latest when the test ends. */
export function startDeliveries(t: Pick<TestContext, 'after'>, store: Store, clock: Clock, tunings: DeliveryTunings = {}, holder?: string): () => Promise<void> {
  const stop = new AbortController();
  const running = runDeliveriesCollector(collectorContext(store, clock, stop.signal, holder), { drainMs: 500, ...tunings });
  const end = async (): Promise<void> => {
    stop.abort();
    await running;
  };
  t.after(end);
  return end;
}
