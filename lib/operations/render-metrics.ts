import { z } from 'zod';
import { LAG_STATUSES } from '#lib/model/lag.ts';
import { readGroupTopicLags } from '#lib/store/lag/read-group-topic-lags.ts';
import { readGroups } from '#lib/store/lag/read-groups.ts';
import type { Store } from '#lib/store/store.ts';
import { listClusterReadings } from './list-cluster-readings.ts';
import { toGroupSummary } from './group-shape.ts';

/** Series of one metric at most; what is left out is counted in waybill_metrics_truncated_series. */
const MAX_SERIES = 50_000;

type Labels = Readonly<Record<string, string | number>>;

/**
 * Figures of Waybill in the text format of Prometheus (version 0.0.4): lag per group and topic, state of clusters and collectors. Names follow the
 * field (kafka_consumergroup_*, seconds and records as units). Unknown figures are left out: a missing series is not 0. Cardinality is bounded:
 * groups x topics, statuses from a closed set, never members or partitions.
 */
export async function renderMetrics(store: Store, now: Date): Promise<string> {
  const [groups, topics, clusters, collectors] = await Promise.all([readGroups(store, { cluster: null, group: null, now }), readGroupTopicLags(store), listClusterReadings(store, { now }), store.prisma.collectorStatus.findMany({ take: 500 })]);
  const summaries = groups.filter((row) => row.deleted_at === null).map((row) => toGroupSummary(row, now));
  const fresh = new Set(summaries.filter((group) => !group.stale).map((group) => `${group.cluster} ${group.group}`));
  const out = new Exposition();

  out.metric('kafka_consumergroup_lag', 'gauge', 'Records between the committed offset and the high watermark, over the known partitions of a topic.', topics.flatMap((row) => (row.lag !== null && fresh.has(`${row.cluster} ${row.name}`) ? [[{ cluster: row.cluster, group: row.name, topic: row.topic }, row.lag]] : [])));
  out.metric('kafka_consumergroup_lag_sum', 'gauge', 'Records between committed offsets and high watermarks, over all known partitions of a group.', summaries.flatMap((g) => (g.lag !== null && !g.stale ? [[of(g), g.lag]] : [])));
  out.metric('kafka_consumergroup_lag_seconds', 'gauge', 'Age of the oldest record a group has not processed.', summaries.flatMap((g) => (g.lagSeconds !== null && !g.stale ? [[of(g), g.lagSeconds]] : [])));
  out.metric('kafka_consumergroup_lost_records', 'gauge', 'Records that retention deleted before the group read them.', summaries.flatMap((g) => (g.lost !== '0' ? [[of(g), g.lost]] : [])));
  out.metric('kafka_consumergroup_members', 'gauge', 'Members of a group.', summaries.flatMap((g) => (g.members !== null && !g.stale ? [[of(g), g.members]] : [])));
  out.metric('kafka_consumergroup_produced_records_per_second', 'gauge', 'Growth of the partitions a group reads, over the last minute.', summaries.flatMap((g) => (g.producedPerSecond !== null && !g.stale ? [[of(g), g.producedPerSecond]] : [])));
  out.metric('kafka_consumergroup_consumed_records_per_second', 'gauge', 'Progress of the committed offsets, over the last minute.', summaries.flatMap((g) => (g.consumedPerSecond !== null && !g.stale ? [[of(g), g.consumedPerSecond]] : [])));
  out.metric('waybill_group_status', 'gauge', '1 for the status a group has.', summaries.map((g) => [{ ...of(g), status: g.status }, 1]));
  out.metric(
    'waybill_groups',
    'gauge',
    'Groups by status.',
    clusters.items.flatMap((cluster) => LAG_STATUSES.map((status): [Labels, number] => [{ cluster: cluster.name, status }, summaries.filter((g) => g.cluster === cluster.name && g.status === status).length])),
  );

  out.metric('waybill_cluster_up', 'gauge', '1 where the last reading of a cluster succeeded and is recent.', clusters.items.map((c) => [{ cluster: c.name }, c.state === 'ok' || c.state === 'partial' ? 1 : 0]));
  const cycles = clusters.items.flatMap((c) => (c.lastCycle ? [{ labels: { cluster: c.name }, cycle: c.lastCycle }] : []));
  out.metric('waybill_offsets_cycle_seconds', 'gauge', 'Duration of the last cycle that read offsets, storing included.', cycles.map(({ labels, cycle }) => [labels, cycle.durationMs / 1_000]));
  out.metric('waybill_offsets_read_seconds', 'gauge', 'Part of the last cycle that was spent on reading from brokers.', cycles.map(({ labels, cycle }) => [labels, cycle.readMs / 1_000]));
  out.metric('waybill_offsets_requests', 'gauge', 'Requests of the last cycle.', cycles.map(({ labels, cycle }) => [labels, cycle.requests]));
  out.metric('waybill_offsets_partitions', 'gauge', 'Partitions of the last cycle, by outcome.', cycles.flatMap(({ labels, cycle }): [Labels, number][] => [[{ ...labels, outcome: 'read' }, cycle.partitions - cycle.partitionsFailed], [{ ...labels, outcome: 'failed' }, cycle.partitionsFailed]]));
  out.metric('waybill_offsets_groups', 'gauge', 'Groups of the last cycle, by outcome.', cycles.flatMap(({ labels, cycle }): [Labels, number][] => [[{ ...labels, outcome: 'read' }, cycle.groups - cycle.groupsFailed], [{ ...labels, outcome: 'failed' }, cycle.groupsFailed]]));
  out.metric('waybill_offsets_clamped_partitions', 'gauge', 'Partitions of the last cycle whose lag would have been negative.', cycles.map(({ labels, cycle }) => [labels, cycle.clamped]));
  out.metric('waybill_offsets_last_cycle_timestamp_seconds', 'gauge', 'When offsets were last read.', clusters.items.flatMap((c): [Labels, number][] => (c.lastCycleAt === null ? [] : [[{ cluster: c.name }, Date.parse(c.lastCycleAt) / 1_000]])));

  out.metric('waybill_collector_last_success_timestamp_seconds', 'gauge', 'When a collector last succeeded.', collectors.flatMap((row): [Labels, number][] => (row.lastOkAt ? [[{ collector: row.name }, row.lastOkAt.getTime() / 1_000]] : [])));
  out.metric('waybill_collector_run_seconds', 'gauge', 'Duration of the latest run of a collector.', collectors.flatMap((row): [Labels, number][] => (row.lastDurationMs === null ? [] : [[{ collector: row.name }, row.lastDurationMs / 1_000]])));
  out.metric('waybill_collector_consecutive_failures', 'gauge', 'Runs of a collector that failed in a row.', collectors.map((row) => [{ collector: row.name }, row.consecutiveFailures]));
  // accepted = stored + duplicate + rejected; what was refused is sent again by its sender.
  const receivers = collectors.flatMap((row) => {
    const counts = spanCountsSchema.safeParse(row.figures);
    return row.name === 'traces' && counts.success ? [{ labels: { receiver: row.holder }, counts: counts.data }] : [];
  });
  out.metric('waybill_spans_accepted_total', 'counter', 'Spans of trace requests that were answered with success.', receivers.map(({ labels, counts }) => [labels, counts.accepted]));
  out.metric('waybill_spans_total', 'counter', 'Spans received, by what became of them.', receivers.flatMap(({ labels, counts }) => (['stored', 'duplicate', 'rejected', 'refused'] as const).map((outcome): [Labels, number] => [{ ...labels, outcome }, counts[outcome]])));
  out.metric('waybill_spans_waiting', 'gauge', 'Spans that wait to be stored.', receivers.map(({ labels, counts }) => [labels, counts.waiting]));
  out.metric('waybill_trace_requests_refused_total', 'counter', 'Trace requests that were refused, by HTTP status.', receivers.flatMap(({ labels, counts }) => Object.entries(counts.refusals).map(([status, count]): [Labels, number] => [{ ...labels, status }, count])));
  return out.text();
}

const spanCountsSchema = z.object({ accepted: z.number(), stored: z.number(), duplicate: z.number(), rejected: z.number(), refused: z.number(), waiting: z.number(), refusals: z.record(z.string(), z.number()) });

function of(group: { cluster: string; group: string }): Labels {
  return { cluster: group.cluster, group: group.group };
}

class Exposition {
  #lines: string[] = [];
  #truncated = 0;

  metric(name: string, type: 'gauge' | 'counter', help: string, samples: readonly (readonly [Labels, number | bigint | string])[]): void {
    this.#lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    this.#truncated += Math.max(0, samples.length - MAX_SERIES);
    for (const [labels, value] of samples.slice(0, MAX_SERIES)) {
      const text = Object.entries(labels)
        .map(([key, label]) => `${key}="${String(label).replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`)
        .join(',');
      this.#lines.push(`${name}${text === '' ? '' : `{${text}}`} ${value}`);
    }
  }

  text(): string {
    this.metric('waybill_metrics_truncated_series', 'gauge', 'Series that were left out because a metric had too many.', [[{}, this.#truncated]]);
    return `${this.#lines.join('\n')}\n`;
  }
}
