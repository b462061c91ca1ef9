import { configuredDialect } from '#lib/dead-letter/configured-dialect.ts';
import { topicMatcher } from '#lib/dead-letter/topic-patterns.ts';
import { DEFAULT_DLQ_TOPICS, DEFAULT_RETRY_TOPICS, type ClusterConfig } from '#lib/config.ts';
import { compileMasking } from '#lib/masking/compile-masking.ts';
import { ingestDeadLetters, type RetentionCache } from '#lib/operations/broker/ingest-dead-letters.ts';
import { rereadDeadLetters } from '#lib/operations/reread-dead-letters.ts';
import { regroupDeadLetters } from '#lib/operations/regroup-dead-letters.ts';
import { readTakenIn } from '#lib/store/discovery/discoveries.ts';
import { holdLease, releaseLease } from '#lib/store/leases/hold-lease.ts';
import type { CollectorContext } from './context.ts';
import { identifyCluster } from './identify-cluster.ts';
import { runEvery } from './loop.ts';

const EVERY_MS = 1_000;
/** A run ends well before its lease does. */
const MAX_RUN_MS = 20_000;
const LEASE_MS = 60_000;

/** Reads the dead-letter topics of every configured cluster, one loop each: a cluster that is down delays no other. */
export async function runDeadLettersCollector(context: CollectorContext): Promise<void> {
  await Promise.all(context.config.clusters.map((cluster) => runCluster(context, cluster)));
}

async function runCluster(context: CollectorContext, cluster: ClusterConfig): Promise<void> {
  const { store, brokers, clock } = context;
  const configured = cluster.deadLetters?.topics;
  const isDeadLetterTopic = topicMatcher(configured ?? DEFAULT_DLQ_TOPICS);
  const isRetryTopic = topicMatcher(cluster.deadLetters?.retryTopics ?? DEFAULT_RETRY_TOPICS);
  const headers = cluster.deadLetters?.headers;
  const name = context.config.clusters.length > 1 ? `dead-letters:${cluster.name}` : 'dead-letters';
  const lease = `dead-letters:${cluster.name}`;
  const retention: RetentionCache = { readAt: -Infinity, known: new Map() };
  let toldAt = 0;
  let untold = 0;
  // Rows are only ever stored with the version that this process has.
  let grouped = false;
  // The same: this process stores rows as its configuration reads them.
  let reread = false;
  // At most once a second; what is left over is told at the end of the run.
  const tell = async (always: boolean) => {
    if (untold === 0 || (!always && performance.now() - toldAt < 1_000)) return;
    const count = untold;
    untold = 0;
    toldAt = performance.now();
    await store.notify('dead-letters', { cluster: cluster.name, count });
  };

  await runEvery({ name, everyMs: EVERY_MS, context }, async (signal) => {
    const broker = brokers.get(cluster.name);
    const clusterId = await identifyCluster(context, cluster.name, 'throw');
    // The offsets collector writes the cluster's row after it has checked its identity; until then nothing is read.
    if (clusterId === null) return { waiting: 'the cluster has not been identified yet' };
    if (!(await holdLease(store, lease, context.holder, LEASE_MS))) return { waiting: 'another process reads this cluster' };
    const figures = await ingestDeadLetters({
      store,
      broker,
      clusterId,
      isDeadLetterTopic,
      isRetryTopic,
      roleSource: configured ? 'configuration' : 'pattern',
      takenIn: await readTakenIn(store, clusterId),
      ...(headers ? { dialects: [configuredDialect(headers)] } : {}),
      masking: compileMasking(context.config.masking),
      maxStoredValueBytes: context.config.storedValueBytes,
      now: () => clock.now(),
      signal,
      retention,
      maxRunMs: MAX_RUN_MS,
      onStored: (count) => {
        untold += count;
        return tell(false);
      },
    });
    await tell(true);
    // After a change of the configuration: what a new rule hides does not wait until nothing new comes.
    if (!reread) {
      const again = await rereadDeadLetters(store, { clusterId, masking: compileMasking(context.config.masking), dialects: headers ? [configuredDialect(headers)] : [], now: clock.now(), signal });
      reread = again.done;
      if (again.rows > 0) await store.notify('dead-letters', { cluster: cluster.name, count: again.rows });
      if (!again.done) return { ...figures, reread: again.rows };
    }
    // After an update that groups better: a little of it in each run, while nothing new waits.
    if (figures.caughtUp && !grouped) {
      const regrouped = await regroupDeadLetters(store, { clusterId, now: clock.now(), signal });
      grouped = regrouped.done;
      if (regrouped.rows > 0) await store.notify('dead-letters', { cluster: cluster.name, count: regrouped.rows });
      return { ...figures, regrouped: regrouped.rows };
    }
    return { ...figures };
  });
  await releaseLease(store, lease, context.holder).catch(() => undefined);
}
