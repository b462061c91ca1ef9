import { DEFAULT_DLQ_TOPICS, DEFAULT_RETRY_TOPICS, type ClusterConfig } from '#lib/config.ts';
import { configuredDialect } from '#lib/dead-letter/configured-dialect.ts';
import { topicMatcher } from '#lib/dead-letter/topic-patterns.ts';
import { discoverTopics } from '#lib/operations/broker/discover-topics.ts';
import { holdLease, releaseLease } from '#lib/store/leases/hold-lease.ts';
import type { CollectorContext } from './context.ts';
import { identifyCluster } from './identify-cluster.ts';
import { runEvery } from './loop.ts';

const EVERY_MS = 15_000;
/** How long it rests once every topic has been looked at. */
const REST_MS = 60_000;
const LEASE_MS = 120_000;

/** Looks for dead-letter and retry topics that nothing names, a few topics at a time, in every configured cluster that does not forbid it. */
export async function runDiscoveryCollector(context: CollectorContext): Promise<void> {
  await Promise.all(context.config.clusters.map((cluster) => runCluster(context, cluster)));
}

async function runCluster(context: CollectorContext, cluster: ClusterConfig): Promise<void> {
  const { store, brokers, clock } = context;
  const mode = cluster.deadLetters?.discover ?? 'propose';
  if (mode === 'off') return;
  const patterns = [cluster.deadLetters?.topics ?? DEFAULT_DLQ_TOPICS, cluster.deadLetters?.retryTopics ?? DEFAULT_RETRY_TOPICS];
  const matches = patterns.map(topicMatcher);
  // What a `!` takes back was looked at by a person.
  const isTakenBack = topicMatcher(patterns.flat().filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1)));
  const headers = cluster.deadLetters?.headers;
  const dialects = headers ? [configuredDialect(headers)] : [];
  const lease = `discovery:${cluster.name}`;
  let restingUntil = 0;
  await runEvery({ name: context.config.clusters.length > 1 ? lease : 'discovery', everyMs: EVERY_MS, context }, async (signal) => {
    if (performance.now() < restingUntil) return { waiting: 'every topic has been looked at' };
    const clusterId = await identifyCluster(context, cluster.name, 'unknown');
    if (clusterId === null) return { waiting: 'the cluster has not been identified yet' };
    if (!(await holdLease(store, lease, context.holder, LEASE_MS))) return { waiting: 'another process reads this cluster' };
    const figures = await discoverTopics({ store, broker: brokers.get(cluster.name), cluster: cluster.name, clusterId, mode, isNamed: (topic) => matches.some((match) => match(topic)) || isTakenBack(topic), dialects, now: clock.now(), signal });
    restingUntil = figures.topics === 0 ? performance.now() + REST_MS : 0;
    return { ...figures };
  });
  await releaseLease(store, lease, context.holder).catch(() => undefined);
}
