import { z } from 'zod';
import { LAG_STATUSES } from '#lib/model/lag.ts';
import type { GroupTopicOffsets, TopicOffsetsRow } from '#lib/store/lag/read-metric-offsets.ts';
import type { Exposition, Labels, Sample } from './exposition.ts';
import type { GroupSummary } from './group-shape.ts';
import type { ClusterReading } from './list-cluster-readings.ts';

export interface OwnFigures {
  clusters: readonly ClusterReading[];
  /** All groups; figures of those that were not read a moment ago are left out. */
  groups: readonly GroupSummary[];
  offsets: readonly GroupTopicOffsets[];
  topics: readonly TopicOffsetsRow[];
  collectors: readonly { name: string; holder: string; lastOkAt: Date | null; lastDurationMs: number | null; consecutiveFailures: number; figures: unknown }[];
  /** A series for each partition besides. */
  partitions: boolean;
}

/** Waybill's own metrics: records and seconds as units, `cluster` on every series, unknown figures left out. Never labels of members. */
export function writeOwnMetrics(out: Exposition, { clusters, groups, offsets, topics, collectors, partitions }: OwnFigures): void {
  const fresh = groups.filter((group) => !group.stale);
  const figure = (name: string, help: string, valueOf: (group: GroupSummary) => number | string | null) =>
    out.metric(name, 'gauge', help, fresh.flatMap((group) => {
      const value = valueOf(group);
      return value === null ? [] : [[of(group), value] as const];
    }));
  figure('waybill_group_lag', 'Records between committed offsets and high watermarks of a group. A partition that could not be read counts with its last figure, see waybill_group_unknown_partitions.', (g) => (g.lag === '0' && g.beyondPartitions > 0 ? null : g.lag));
  const topicOf = (row: GroupTopicOffsets): Labels => ({ cluster: row.cluster, group: row.name, topic: row.topic });
  out.metric('waybill_group_topic_lag', 'gauge', 'Records between committed offsets and high watermarks of a group in a topic.', offsets.flatMap((row) => (row.lag_sum === null ? [] : [[topicOf(row), row.lag_sum] as const])));
  figure('waybill_group_lag_seconds', 'Age of the oldest record a group has not processed.', (g) => g.lagSeconds);
  figure('waybill_group_lost_records', 'Records that retention deleted before the group read them.', (g) => (g.lost === '0' ? null : g.lost));
  figure('waybill_group_unknown_partitions', 'Partitions of a group that could not be read: they count with their last figures.', (g) => g.unknownPartitions);
  figure('waybill_group_members', 'Members of a group.', (g) => g.members);
  figure('waybill_group_produced_records_per_second', 'Growth of the partitions a group reads, over the last minute.', (g) => g.producedPerSecond);
  figure('waybill_group_consumed_records_per_second', 'Progress of the committed offsets, over the last minute.', (g) => g.consumedPerSecond);
  out.metric('waybill_group_status', 'gauge', '1 for the status a group has.', groups.map((g): Sample => [{ ...of(g), status: g.status }, 1]));
  const counts = new Map<string, number>();
  for (const { cluster, status } of groups) counts.set(`${cluster} ${status}`, (counts.get(`${cluster} ${status}`) ?? 0) + 1);
  out.metric('waybill_groups', 'gauge', 'Groups by status.', clusters.flatMap(({ name }) => LAG_STATUSES.map((status): Sample => [{ cluster: name, status }, counts.get(`${name} ${status}`) ?? 0])));
  if (partitions) {
    out.metric('waybill_group_partition_lag', 'gauge', 'Records between the committed offset and the high watermark of a partition.', eachCommit(offsets, 'lags'));
    out.metric('waybill_group_partition_committed_offset', 'gauge', 'Committed offset of a group on a partition.', eachCommit(offsets, 'committed'));
    out.metric('waybill_topic_partition_end_offset', 'gauge', 'High watermark of a partition.', eachEnd(topics, 'ends'));
    out.metric('waybill_topic_partition_start_offset', 'gauge', 'Oldest offset that a partition still holds.', eachEnd(topics, 'starts'));
  }
  out.metric('waybill_dead_letter_records_total', 'counter', 'Records ever written to a dead-letter topic: the sum of its high watermarks.', topics.flatMap((t) => (t.role === 'dead-letter' && t.end_sum !== null ? [[{ cluster: t.cluster, topic: t.topic }, t.end_sum] as const] : [])));

  out.metric('waybill_cluster_up', 'gauge', '1 where the last reading of a cluster succeeded and is recent.', clusters.map((c) => [{ cluster: c.name }, c.state === 'ok' || c.state === 'partial' ? 1 : 0]));
  const cycles = clusters.flatMap((c) => (c.lastCycle ? [{ labels: { cluster: c.name }, cycle: c.lastCycle }] : []));
  out.metric('waybill_offsets_cycle_seconds', 'gauge', 'Duration of the last cycle that read offsets, storing included.', cycles.map(({ labels, cycle }) => [labels, cycle.durationMs / 1_000]));
  out.metric('waybill_offsets_read_seconds', 'gauge', 'Part of the last cycle that was spent on reading from brokers.', cycles.map(({ labels, cycle }) => [labels, cycle.readMs / 1_000]));
  out.metric('waybill_offsets_requests', 'gauge', 'Requests of the last cycle.', cycles.map(({ labels, cycle }) => [labels, cycle.requests]));
  out.metric('waybill_offsets_partitions', 'gauge', 'Partitions of the last cycle, by outcome.', cycles.flatMap(({ labels, cycle }): Sample[] => [[{ ...labels, outcome: 'read' }, cycle.partitions - cycle.partitionsFailed], [{ ...labels, outcome: 'failed' }, cycle.partitionsFailed]]));
  out.metric('waybill_offsets_groups', 'gauge', 'Groups of the last cycle, by outcome.', cycles.flatMap(({ labels, cycle }): Sample[] => [[{ ...labels, outcome: 'read' }, cycle.groups - cycle.groupsFailed], [{ ...labels, outcome: 'failed' }, cycle.groupsFailed]]));
  out.metric('waybill_offsets_clamped_partitions', 'gauge', 'Partitions of the last cycle whose lag would have been negative.', cycles.map(({ labels, cycle }) => [labels, cycle.clamped]));
  out.metric('waybill_offsets_last_cycle_timestamp_seconds', 'gauge', 'When offsets were last read.', clusters.flatMap((c): Sample[] => (c.lastCycleAt === null ? [] : [[{ cluster: c.name }, Date.parse(c.lastCycleAt) / 1_000]])));

  out.metric('waybill_collector_last_success_timestamp_seconds', 'gauge', 'When a collector last succeeded.', collectors.flatMap((row): Sample[] => (row.lastOkAt ? [[{ collector: row.name }, row.lastOkAt.getTime() / 1_000]] : [])));
  out.metric('waybill_collector_run_seconds', 'gauge', 'Duration of the latest run of a collector.', collectors.flatMap((row): Sample[] => (row.lastDurationMs === null ? [] : [[{ collector: row.name }, row.lastDurationMs / 1_000]])));
  out.metric('waybill_collector_consecutive_failures', 'gauge', 'Runs of a collector that failed in a row.', collectors.map((row) => [{ collector: row.name }, row.consecutiveFailures]));
  // accepted = stored + duplicate + rejected; what was refused is sent again by its sender.
  const receivers = collectors.flatMap((row) => {
    const counts = spanCountsSchema.safeParse(row.figures);
    return /^(?:traces|trace-topics)(?::|$)/.test(row.name) && counts.success ? [{ labels: { receiver: row.holder, collector: row.name }, counts: counts.data }] : [];
  });
  out.metric('waybill_spans_accepted_total', 'counter', 'Spans of trace requests that were answered with success.', receivers.map(({ labels, counts }) => [labels, counts.accepted]));
  out.metric('waybill_spans_total', 'counter', 'Spans received, by what became of them.', receivers.flatMap(({ labels, counts }) => (['stored', 'duplicate', 'rejected', 'refused'] as const).map((outcome): Sample => [{ ...labels, outcome }, counts[outcome]])));
  out.metric('waybill_spans_waiting', 'gauge', 'Spans that wait to be stored.', receivers.map(({ labels, counts }) => [labels, counts.waiting]));
  out.metric('waybill_trace_requests_refused_total', 'counter', 'Trace requests that were refused, by HTTP status.', receivers.flatMap(({ labels, counts }) => Object.entries(counts.refusals ?? {}).map(([status, count]): Sample => [{ ...labels, status }, count])));
  out.metric('waybill_trace_requests_by_source_total', 'counter', 'Trace requests with the token of a source.', receivers.flatMap(({ labels, counts }) => Object.entries(counts.sources ?? {}).map(([source, count]): Sample => [{ ...labels, source }, count])));
  out.metric('waybill_trace_records_passed_over_total', 'counter', 'Records of topics of traces that hold none.', receivers.flatMap(({ labels, counts }): Sample[] => (counts.poisoned === undefined ? [] : [[labels, counts.poisoned]])));
}

const spanCountsSchema = z.object({ accepted: z.number(), stored: z.number(), duplicate: z.number(), rejected: z.number(), refused: z.number(), waiting: z.number(), refusals: z.record(z.string(), z.number()).optional(), poisoned: z.number().optional(), sources: z.record(z.string(), z.number()).optional() });

function of(group: { cluster: string; group: string }): Labels {
  return { cluster: group.cluster, group: group.group };
}

function* eachCommit(offsets: readonly GroupTopicOffsets[], key: 'committed' | 'lags'): Generator<Sample> {
  for (const row of offsets) {
    for (const [i, partition] of row.partitions.entries()) {
      const value = row[key][i] ?? null;
      if (value !== null) yield [{ cluster: row.cluster, group: row.name, topic: row.topic, partition }, value];
    }
  }
}

function* eachEnd(topics: readonly TopicOffsetsRow[], key: 'starts' | 'ends'): Generator<Sample> {
  for (const topic of topics) {
    for (const [i, partition] of topic.partitions.entries()) {
      const value = topic[key][i] ?? null;
      if (value !== null) yield [{ cluster: topic.cluster, topic: topic.topic, partition }, value];
    }
  }
}
