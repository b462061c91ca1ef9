import { stripListOf } from '#lib/dead-letter/configured-dialect.ts';
import { errorText } from '#lib/errors.ts';
import { startDueReplays } from '#lib/operations/start-due-replays.ts';
import { endLateApprovals } from '#lib/operations/end-late-approvals.ts';
import { keepReplayPositions } from '#lib/operations/broker/keep-replay-positions.ts';
import { runReplay } from '#lib/operations/broker/run-replay.ts';
import { acquireReplay, acquireRestingReplay, releaseReplay, settleReplay, type ReplayJobRow } from '#lib/store/replays/hold-replay.ts';
import { hangBell } from './bell.ts';
import type { CollectorContext } from './context.ts';
import { identifiedClusters } from './identified-clusters.ts';
import { runEvery } from './loop.ts';

/** A replay that is asked for, approved or resumed wakes it; this is for what comes due by itself. */
const EVERY_MS = 1_000;
const CONCURRENCY = 2;
const LEASE_MS = 15_000;
/** Well above a lease: a worker that lives renews long before the broker gives its transaction up. */
const TRANSACTION_TIMEOUT_MS = 60_000;
const SCAN_TIMEOUT_MS = 90_000;
const CHUNK_ITEMS = 10_000;
const BATCH_RECORDS = 4_000;
/** Pauses after a run that failed without an answer; the last one repeats. */
const BACKOFF_MS = [1_000, 2_000, 5_000, 15_000, 30_000];
/** Runs in a row that may fail without an answer (about ten minutes): then a person looks. */
const GIVE_UP_AFTER = 25;
const KEEP_POSITIONS_HOURS = 24;
const LOOK_FOR_RESTING_MS = 600_000;
const LAPSE_EVERY_MS = 10_000;

/** Runs replay jobs: takes the lease of each, sends, recovers what a dead worker left, keeps the positions of those that rest. */
export async function runReplaysCollector(context: CollectorContext): Promise<void> {
  const { store, brokers, log, holder, signal } = context;
  const running = new Map<string, Promise<void>>();
  const failing = new Map<string, { times: number; until: number }>();
  const bell = hangBell();
  // What a person asked of one replay; the figures that this loop itself tells of those that run do not wake it.
  const listening = store.listen((event) => {
    if (event.kind === 'reconnected' || (event.kind === 'replays' && 'replay' in event.payload && !('end' in event.payload))) bell.ring();
  }, signal);
  let lookedAt = -LOOK_FOR_RESTING_MS;
  let lapsedAt = -LAPSE_EVERY_MS;
  let ended = 0;

  async function run(job: ReplayJobRow, cluster: string): Promise<void> {
    const end = await runReplay(
      {
        store,
        broker: brokers.get(cluster),
        holder,
        leaseMs: LEASE_MS,
        transactionTimeoutMs: TRANSACTION_TIMEOUT_MS,
        scanTimeoutMs: SCAN_TIMEOUT_MS,
        chunkSize: CHUNK_ITEMS,
        batchSize: BATCH_RECORDS,
        headersToStrip: stripListOf(context.config.clusters.find((one) => one.name === cluster)?.deadLetters?.headers),
        signal,
      },
      job,
    );
    log.info({ replay: job.id, end }, 'a replay job ended its run');
    if (end === 'again' || end === 'dropped') {
      const times = (failing.get(job.id)?.times ?? 0) + 1;
      failing.set(job.id, { times, until: performance.now() + BACKOFF_MS[Math.min(times, BACKOFF_MS.length) - 1]! });
      if (end === 'again' && times >= GIVE_UP_AFTER) {
        const row = await store.prisma.replay.findUnique({ where: { id: job.id }, select: { lastError: true } });
        await settleReplay(store, job.id, holder, 'needs-decision', { error: row?.lastError ?? null, event: 'gave-up', detail: { runs: times } });
        failing.delete(job.id);
      }
    } else failing.delete(job.id);
    // Another process may go on at once. A dropped job belongs to whoever took it over.
    if (end === 'again' || end === 'stopped') await releaseReplay(store, job.id, holder);
    ended += 1;
    await store.notify('replays', { replay: job.id, end });
  }

  await runEvery({ name: 'replays', everyMs: EVERY_MS, context, wake: bell.wait }, async () => {
    bell.heard();
    if (performance.now() - lapsedAt >= LAPSE_EVERY_MS) {
      lapsedAt = performance.now();
      await endLateApprovals(store);
    }
    await startDueReplays(store, context.clock.now());
    const clusters = await identifiedClusters(context);
    const clusterIds = [...clusters.keys()];
    while (running.size < CONCURRENCY && !signal.aborted && clusterIds.length > 0) {
      const resting = [...failing].flatMap(([id, { until }]) => (until > performance.now() ? [id] : []));
      const job = await acquireReplay(store, { holder, leaseMs: LEASE_MS, clusterIds, except: [...running.keys(), ...resting] });
      if (!job) break;
      const done = run(job, clusters.get(job.clusterId)!)
        .catch((error: unknown) => log.warn({ replay: job.id, err: error }, `a replay job could not be run: ${errorText(error)}`))
        .finally(() => running.delete(job.id));
      running.set(job.id, done);
    }
    if (performance.now() - lookedAt >= LOOK_FOR_RESTING_MS && clusterIds.length > 0) {
      const job = await acquireRestingReplay(store, { holder, leaseMs: LEASE_MS, clusterIds, olderThanHours: KEEP_POSITIONS_HOURS });
      if (job) await keepReplayPositions({ store, broker: brokers.get(clusters.get(job.clusterId)!), holder, transactionTimeoutMs: TRANSACTION_TIMEOUT_MS }, job);
      else lookedAt = performance.now();
    }
    if (running.size > 0) await store.notify('replays', { running: running.size });
    return { running: running.size, failing: failing.size, ended };
  });
  await Promise.all(running.values());
  await listening;
}
