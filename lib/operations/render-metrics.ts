import type { MetricNames } from '#lib/config.ts';
import { readGroups } from '#lib/store/lag/read-groups.ts';
import { readGroupTopicOffsets, readMemberShares, readTopicOffsets } from '#lib/store/lag/read-metric-offsets.ts';
import type { Store } from '#lib/store/store.ts';
import { Exposition, type Labels } from './exposition.ts';
import { groupAsOf, toGroupSummary } from './group-shape.ts';
import { listClusterReadings } from './list-cluster-readings.ts';
import { writeKafkaExporterMetrics } from './write-kafka-exporter-metrics.ts';
import { writeKminionMetrics } from './write-kminion-metrics.ts';
import { writeOwnMetrics } from './write-own-metrics.ts';

const OWN: { names: readonly MetricNames[]; maxSeries: number } = { names: ['waybill'], maxSeries: 50_000 };

/**
 * Figures in the text format of Prometheus (version 0.0.4), under Waybill's own names or those of kminion and kafka_exporter, from the store in a
 * handful of statements whatever the number of groups. Unknown figures are left out: a missing series is not 0. Each metric has at most `maxSeries`.
 */
export async function renderMetrics(store: Store, now: Date, { names, maxSeries } = OWN): Promise<string> {
  const speaks = (name: MetricNames) => names.includes(name);
  const own = speaks('waybill') || speaks('waybill-partitions');
  const foreign = speaks('kminion') || speaks('kafka-exporter');
  const [rows, allOffsets, allTopics, clusters, collectors, shares] = await Promise.all([
    readGroups(store, { cluster: null, group: null, now }),
    readGroupTopicOffsets(store),
    readTopicOffsets(store, { deadLettersOnly: !foreign && !speaks('waybill-partitions') }),
    listClusterReadings(store, { now }).then(({ items }) => items),
    own ? store.prisma.collectorStatus.findMany({ take: 500, orderBy: [{ name: 'asc' }, { holder: 'asc' }] }) : [],
    speaks('kminion') ? readMemberShares(store) : [],
  ]);
  const groups = rows
    .filter((row) => row.deleted_at === null)
    .map((row) => ({ ...toGroupSummary(groupAsOf(row, now)), protocol: row.protocol, coordinator: row.coordinator }))
    .toSorted((a, b) => compare(a.cluster, b.cluster) || compare(a.group, b.group));
  // What was not read a moment ago has no series: a scrape that repeats old figures would pass them off as new.
  const fresh = groups.filter((group) => !group.stale);
  const readNow = new Set(fresh.map((group) => `${group.cluster} ${group.group}`));
  const answering = new Set(clusters.filter(({ state }) => state === 'ok' || state === 'partial').map(({ name }) => name));
  const offsets = allOffsets.filter((row) => readNow.has(`${row.cluster} ${row.name}`));
  const topics = allTopics.filter((row) => answering.has(row.cluster));
  const clusterLabel = (cluster: string): Labels => (clusters.length > 1 ? { cluster } : {});

  const out = new Exposition(maxSeries);
  if (own) writeOwnMetrics(out, { clusters, groups, offsets, topics, collectors, partitions: speaks('waybill-partitions') });
  if (speaks('kminion')) writeKminionMetrics(out, { clusters, groups: fresh, offsets, topics, shares: shares.filter((row) => readNow.has(`${row.cluster} ${row.name}`)), clusterLabel });
  if (speaks('kafka-exporter')) writeKafkaExporterMetrics(out, { clusters, groups: fresh, offsets, topics, clusterLabel });
  return out.text();
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
