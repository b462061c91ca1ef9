import { errorText } from '#lib/errors.ts';
import { listClusterIds } from '#lib/operations/list-cluster-ids.ts';
import { type PreparedSpans, prepareSpans } from '#lib/operations/prepare-spans.ts';
import { SpanQueue } from '#lib/operations/span-queue.ts';
import { decodeTraces } from '#lib/otlp/decode-traces.ts';
import type { Encoding } from '#lib/otlp/encoding.ts';
import { BodyBudget } from '#lib/otlp/read-body.ts';
import type { CollectorContext } from './context.ts';

const mostWaitingSpans = 50_000;
const mostPerCommit = 4_000;
const writers = 2;
const budgetFactor = 6;
const notifyEveryMs = 1_000;

/** What becomes of a body of traces, however it came: by HTTP, by gRPC or from a topic. */
export interface TraceIntake {
  queue: SpanQueue;
  /** Memory of the bodies that are being read. */
  budget: BodyBudget;
  /** Decoded, and as rows; `queue.store` makes them durable. @throws OtlpRefusal 400, 413 */
  prepare: (body: Buffer, encoding: Encoding) => Promise<PreparedSpans>;
}

/** @param from which way they come, for the log */
export function openTraceIntake({ store, config, clock, log }: CollectorContext, from: string): TraceIntake {
  let lastFailureMs = Number.NEGATIVE_INFINITY;
  const queue = new SpanQueue({
    store, clock, mostWaiting: mostWaitingSpans, mostPerCommit, writers,
    onStored: tellAtMost(notifyEveryMs, () => void store.notify('journeys', {}).catch(() => undefined)),
    onFailure: (error) => {
      // A store that is down fails every batch: one line in ten seconds says it.
      if (performance.now() - lastFailureMs < 10_000) return;
      lastFailureMs = performance.now();
      log.warn({ err: errorText(error), from }, 'spans could not be stored');
    },
  });
  const clusters = clusterIds(store);
  return {
    queue,
    budget: new BodyBudget(Math.max(config.otlpMaxBodyBytes * budgetFactor, 64 * 1024 * 1024), 4),
    prepare: async (body, encoding) => {
      const known = await clusters();
      return prepareSpans(decodeTraces(body, encoding), { now: clock.now(), retentionDays: config.retentionDays.spans, names: config, clusters: known });
    },
  };
}

/** Waybill's row ids by Kafka's cluster id; a store that is down leaves the last known ones. */
function clusterIds(store: CollectorContext['store']): () => Promise<ReadonlyMap<string, number>> {
  let known: ReadonlyMap<string, number> = new Map();
  let readAtMs = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | null = null;
  return async () => {
    if (performance.now() - readAtMs > 30_000 && reading === null) {
      reading = listClusterIds(store)
        .then((found) => void (known = found), () => undefined)
        .finally(() => {
          readAtMs = performance.now();
          reading = null;
        });
      // The first request waits for it; later ones use what is known meanwhile.
      if (known.size === 0) await reading;
    }
    return known;
  };
}

/** Calls `tell` at once, then at most once in `everyMs`, and never loses the last call. */
function tellAtMost(everyMs: number, tell: () => void): () => void {
  let lastMs = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | null = null;
  return () => {
    if (timer !== null) return;
    const wait = lastMs + everyMs - performance.now();
    const now = () => {
      timer = null;
      lastMs = performance.now();
      tell();
    };
    if (wait <= 0) now();
    else timer = setTimeout(now, wait).unref();
  };
}
