import { attemptDelivery, type AttemptContext, type AttemptResult } from '#lib/operations/attempt-delivery.ts';
import { channelContext } from '#lib/operations/channel-context.ts';
import { claimDeliveries } from '#lib/store/deliveries/claim-deliveries.ts';
import { ATTEMPT_TIMEOUT_MS } from '#lib/webhook/send-webhook.ts';
import type { CollectorContext } from './context.ts';
import { runEvery } from './loop.ts';

const MAX_IN_FLIGHT = 32;
const MAX_PER_ENDPOINT = 2;
/** Longer than an attempt can take, so that only a dead holder loses its delivery. */
const LEASE_MS = ATTEMPT_TIMEOUT_MS + 15_000;
const IDLE_MS = 2_000;
/** How long attempts may still run after SIGTERM before they are cut off; the process itself is given 8 s. */
const DRAIN_MS = 6_000;

export interface DeliveryTunings {
  leaseMs?: number;
  timeoutMs?: number;
  drainMs?: number;
  resolver?: AttemptContext['resolver'];
}

/**
 * Empties the outbox. Attempts run beside each other and the loop never waits for one: a receiver that hangs holds its
 * own two sockets for 15 s, and nobody else's.
 */
export async function runDeliveriesCollector(context: CollectorContext, tunings: DeliveryTunings = {}): Promise<void> {
  const { store, clock, config, log, holder, signal } = context;
  const { keys, policy } = channelContext(config, clock.now());
  const cutOff = new AbortController();
  const inFlight = new Set<Promise<void>>();
  const counts: Record<AttemptResult, number> = { delivered: 0, retry: 0, failed: 0, superseded: 0, stopped: 0, lost: 0 };

  let wakeUp: (() => void) | null = null;
  let dirty = false;
  const wake = (): void => {
    dirty = true;
    wakeUp?.();
  };
  const listening = store.listen((event) => {
    if (event.kind === 'deliveries' || event.kind === 'reconnected') wake();
  }, signal);

  const attempt: AttemptContext = {
    holder,
    clock,
    keys,
    policy,
    signal: cutOff.signal,
    ...(tunings.timeoutMs === undefined ? {} : { timeoutMs: tunings.timeoutMs }),
    ...(tunings.resolver === undefined ? {} : { resolver: tunings.resolver }),
  };

  await runEvery(
    {
      name: 'deliveries',
      everyMs: IDLE_MS,
      context,
      wake: (stopped) =>
        new Promise((resolve) => {
          wakeUp = resolve;
          if (dirty) resolve();
          stopped.addEventListener('abort', () => resolve(), { once: true });
        }),
    },
    async () => {
      dirty = false;
      const free = MAX_IN_FLIGHT - inFlight.size;
      const claimed =
        free <= 0
          ? []
          : await store.transaction((tx) => claimDeliveries(tx, holder, clock.now(), { free, perEndpoint: MAX_PER_ENDPOINT, leaseMs: tunings.leaseMs ?? LEASE_MS }));
      for (const delivery of claimed) {
        const running = attemptDelivery(store, delivery, attempt)
          .then(
            (result) => {
              counts[result] += 1;
            },
            (error: unknown) => {
              // The store failed in the middle: the lease runs out and the delivery comes back under the same id.
              log.warn({ delivery: delivery.id, err: error }, 'an attempt could not be written down');
            },
          )
          .finally(() => {
            inFlight.delete(running);
            wake();
          });
        inFlight.add(running);
      }
      return { inFlight: inFlight.size, ...counts };
    },
  );

  const deadline = setTimeout(() => cutOff.abort(), tunings.drainMs ?? DRAIN_MS);
  await Promise.all(inFlight);
  clearTimeout(deadline);
  await listening;
}
