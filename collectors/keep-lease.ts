import { setTimeout as delay } from 'node:timers/promises';
import { holdLease, releaseLease } from '#lib/store/leases/hold-lease.ts';
import type { CollectorContext } from './context.ts';

/** After this long without a sign of life another process takes over; with the time until it looks, and its first reading, within 15 s. */
export const LEASE_MS = 10_000;
const RENEW_MS = 2_500;
export const STANDBY_MS = 1_500;

/**
 * Of several processes that call this with the same name, one runs `work`; the others stand by. The lease is renewed on its own pace, however long
 * the work takes; `held` aborts when it is lost, and when the context's signal does. Returns when the context's signal aborts, the lease given back.
 */
export async function keepLease(context: CollectorContext, name: string, work: (held: AbortSignal) => Promise<void>): Promise<void> {
  const { store, holder, signal, log } = context;
  while (!signal.aborted) {
    if (!(await holdLease(store, name, holder, LEASE_MS).catch(() => false))) {
      await delay(STANDBY_MS * (0.9 + Math.random() * 0.2), undefined, { signal }).catch(() => undefined);
      continue;
    }
    const lost = new AbortController();
    const held = AbortSignal.any([signal, lost.signal]);
    const renewing = renew(context, name, held).then((why) => {
      if (why === null || signal.aborted) return;
      log.warn({ lease: name, why }, 'lost a lease');
      lost.abort();
    });
    try {
      await work(held);
    } finally {
      lost.abort();
      await renewing;
    }
  }
  await releaseLease(store, name, holder).catch(() => undefined);
}

/** @returns why the lease is lost, or null where `held` ended first */
async function renew({ store, holder }: CollectorContext, name: string, held: AbortSignal): Promise<string | null> {
  let renewedAt = performance.now();
  while (!held.aborted) {
    await delay(RENEW_MS, undefined, { signal: held }).catch(() => undefined);
    if (held.aborted) return null;
    const asked = performance.now();
    const renewed = await holdLease(store, name, holder, LEASE_MS).catch(() => null);
    if (renewed === false) return 'another process holds it';
    if (renewed === true) renewedAt = asked;
    else if (performance.now() - renewedAt > LEASE_MS) return 'the store did not answer for as long as it lasts';
  }
  return null;
}
