import { configuredDialect, stripListOf } from '#lib/dead-letter/configured-dialect.ts';
import { errorText } from '#lib/errors.ts';
import { compileMasking } from '#lib/masking/compile-masking.ts';
import { runRequest } from '#lib/operations/broker/run-request.ts';
import { claimRequests } from '#lib/store/requests/claim-requests.ts';
import { openSchemaRegistry } from '#lib/schema-registry/open-schema-registry.ts';
import { findStopped } from '#lib/store/requests/find-stopped.ts';
import { sweepRequests } from '#lib/store/requests/sweep-requests.ts';
import { hangBell } from './bell.ts';
import type { CollectorContext } from './context.ts';
import { runEvery } from './loop.ts';

const CONCURRENCY = 8;
/** Notifications wake it; this is for one that got lost. */
const EVERY_MS = 1_000;
const SWEEP_EVERY_MS = 30_000;

/** Executes what people ask of brokers: claims requests on notification, runs a few at once, stops those that are cancelled. */
export async function runRequestsCollector(context: CollectorContext): Promise<void> {
  const { store, brokers, config, log, holder, signal } = context;
  const registries = new Map(config.clusters.flatMap(({ name, schemaRegistry }) => (schemaRegistry ? [[name, openSchemaRegistry(schemaRegistry)] as const] : [])));
  const running = new Map<string, { stop: AbortController; done: Promise<void> }>();
  const bell = hangBell();
  let sweptAt = 0;
  let answered = 0;
  const listening = store.listen((event) => {
    if (event.kind === 'broker-request' || event.kind === 'reconnected') bell.ring();
    if (event.kind === 'broker-cancel') running.get(String(event.payload['id']))?.stop.abort(new Error('cancelled'));
  }, signal);

  await runEvery({ name: 'requests', everyMs: EVERY_MS, context, wake: bell.wait }, async () => {
    bell.heard();
    for (const id of await findStopped(store, [...running.keys()])) running.get(id)?.stop.abort(new Error('cancelled'));
    if (performance.now() - sweptAt > SWEEP_EVERY_MS) {
      await sweepRequests(store);
      sweptAt = performance.now();
    }
    const free = CONCURRENCY - running.size;
    const claimed = free > 0 ? await claimRequests(store, holder, brokers.names, free) : [];
    for (const request of claimed) {
      const stop = new AbortController();
      const headers = config.clusters.find((one) => one.name === request.cluster)?.deadLetters?.headers;
      const done = runRequest({ store, broker: brokers.get(request.cluster), schemas: registries.get(request.cluster) ?? null, masking: compileMasking(config.masking), dialects: headers ? [configuredDialect(headers)] : [], headersToStrip: stripListOf(headers), request, signal: AbortSignal.any([signal, stop.signal]) })
        .catch((error: unknown) => log.warn({ request: request.id, kind: request.kind, err: error }, `a request could not be answered: ${errorText(error)}`))
        .finally(() => {
          running.delete(request.id);
          answered += 1;
          // A place is free: look for the next at once.
          bell.ring();
        });
      running.set(request.id, { stop, done });
    }
    return { running: running.size, answered };
  });
  await Promise.all([...running.values()].map((item) => item.done));
  await listening;
}
