import type { GroupMembersRow, GroupTopicOffsets, TopicOffsetsRow } from '#lib/store/lag/read-metric-offsets.ts';
import type { Exposition, Labels, Sample } from './exposition.ts';
import type { GroupSummary } from './group-shape.ts';
import type { ClusterReading } from './list-cluster-readings.ts';

export interface KminionFigures {
  clusters: readonly ClusterReading[];
  /** Read a moment ago: the others have no series. */
  groups: readonly (GroupSummary & { protocol: string | null; coordinator: number | null })[];
  offsets: readonly GroupTopicOffsets[];
  topics: readonly TopicOffsetsRow[];
  shares: readonly GroupMembersRow[];
  /** `{}` where there is one cluster, as kminion itself has no label for it. */
  clusterLabel: (cluster: string) => Labels;
}

/**
 * kminion's metrics under its own names, labels and types (namespace `kminion`, granularity `partition`), so that its dashboards and alerts keep working.
 * Not there, because Waybill does not know them: the number of commits, and the log dirs of brokers. `cluster_version` is empty.
 */
export function writeKminionMetrics(out: Exposition, { clusters, groups, offsets, topics, shares, clusterLabel }: KminionFigures): void {
  const up = clusters.every(({ state }) => state === 'ok');
  out.metric('kminion_exporter_up', 'gauge', 'Build info about this Prometheus Exporter. Gauge value is 0 if one or more scrapes have failed.', [[{ version: '' }, up ? 1 : 0]]);
  const alive = clusters.filter(({ state }) => state === 'ok' || state === 'partial');
  out.metric('kminion_kafka_cluster_info', 'gauge', 'Kafka cluster information', alive.map((c): Sample => [{ ...clusterLabel(c.name), cluster_version: '', broker_count: c.brokers.length, controller_id: c.controllerId ?? '', cluster_id: c.clusterId }, 1]));
  out.metric('kminion_kafka_broker_info', 'gauge', 'Kafka broker information', alive.flatMap((c) => c.brokers.map((b): Sample => [{ ...clusterLabel(c.name), broker_id: b.id, address: b.host, port: b.port, rack_id: b.rack ?? '', is_controller: String(b.id === c.controllerId) }, 1])));

  const topicLabels = (t: TopicOffsetsRow): Labels => ({ ...clusterLabel(t.cluster), topic_name: t.topic });
  out.metric('kminion_kafka_topic_info', 'gauge', 'Info labels for a given topic', topics.map((t): Sample => [{ ...topicLabels(t), partition_count: t.partition_count, replication_factor: t.replication_factor ?? '', cleanup_policy: t.cleanup_policy ?? 'N/A' }, 1]));
  out.metric('kminion_kafka_topic_log_dir_size_total_bytes', 'gauge', 'The summed size in bytes of partitions for a given topic. Replicas count as large as their leaders.', topics.flatMap((t) => replicated(t).map((bytes): Sample => [topicLabels(t), bytes])));
  for (const [name, help, key] of [
    ['low', 'Low', 'starts'],
    ['high', 'High', 'ends'],
  ] as const) {
    out.metric(`kminion_kafka_topic_partition_${name}_water_mark`, 'gauge', `Partition ${help} Water Mark`, partitionSamples(topics, key, topicLabels));
    out.metric(`kminion_kafka_topic_${name}_water_mark_sum`, 'gauge', `Sum of all the topic's partition ${name} water marks`, topics.flatMap((t) => {
      const sum = key === 'starts' ? t.start_sum : t.end_sum;
      return sum === null ? [] : [[topicLabels(t), sum] as const];
    }));
  }

  const groupLabels = (g: { cluster: string; group: string }): Labels => ({ ...clusterLabel(g.cluster), group_id: g.group });
  out.metric('kminion_kafka_consumer_group_info', 'gauge', 'Consumer Group info metrics. It will report 1 if the group is in the stable state, otherwise 0.', groups.map((g): Sample => [{ ...groupLabels(g), protocol: g.protocol ?? '', protocol_type: g.type === 'simple' ? '' : 'consumer', state: g.state, coordinator_id: g.coordinator ?? '' }, g.state === 'Stable' ? 1 : 0]));
  out.metric('kminion_kafka_consumer_group_members', 'gauge', 'Consumer Group member count metrics. It will report the number of members in the consumer group', groups.flatMap((g) => (g.members === null ? [] : [[groupLabels(g), g.members] as const])));
  const shareLabels = (row: GroupMembersRow): Labels => groupLabels({ cluster: row.cluster, group: row.name });
  const assigned = shares.filter(({ topic }) => topic !== null);
  out.metric('kminion_kafka_consumer_group_empty_members', 'gauge', 'It will report the number of members in the consumer group with no partition assigned', shares.filter(({ topic }) => topic === null).map((row): Sample => [shareLabels(row), row.members]));
  out.metric('kminion_kafka_consumer_group_topic_members', 'gauge', 'It will report the number of members in the consumer group assigned on a given topic', assigned.map((row): Sample => [{ ...shareLabels(row), topic_name: row.topic ?? '' }, row.members]));
  out.metric('kminion_kafka_consumer_group_topic_assigned_partitions', 'gauge', 'It will report the number of partitions assigned in the consumer group for a given topic', assigned.map((row): Sample => [{ ...shareLabels(row), topic_name: row.topic ?? '' }, row.partitions]));

  const offsetLabels = (row: GroupTopicOffsets): Labels => ({ ...clusterLabel(row.cluster), group_id: row.name, topic_name: row.topic });
  out.metric('kminion_kafka_consumer_group_topic_offset_sum', 'gauge', 'The sum of all committed group offsets across all partitions in a topic', offsets.map((row): Sample => [offsetLabels(row), row.committed_sum]));
  out.metric('kminion_kafka_consumer_group_topic_lag', 'gauge', 'The number of messages a consumer group is lagging behind across all partitions in a topic', offsets.flatMap((row) => (row.lag_sum === null ? [] : [[offsetLabels(row), row.lag_sum] as const])));
  out.metric('kminion_kafka_consumer_group_topic_partition_lag', 'gauge', 'The number of messages a consumer group is lagging behind the latest offset of a partition', lagSamples(offsets, offsetLabels));
}

function* partitionSamples(topics: readonly TopicOffsetsRow[], key: 'starts' | 'ends', labelsOf: (topic: TopicOffsetsRow) => Labels): Generator<Sample> {
  for (const topic of topics) {
    for (let i = 0; i < topic.partitions.length; i += 1) {
      const offset = topic[key][i] ?? null;
      if (offset !== null) yield [{ ...labelsOf(topic), partition_id: topic.partitions[i] ?? 0 }, offset];
    }
  }
}

function* lagSamples(offsets: readonly GroupTopicOffsets[], labelsOf: (row: GroupTopicOffsets) => Labels): Generator<Sample> {
  for (const row of offsets) {
    for (let i = 0; i < row.partitions.length; i += 1) {
      const lag = row.lags[i] ?? null;
      if (lag !== null) yield [{ ...labelsOf(row), partition_id: row.partitions[i] ?? 0 }, lag];
    }
  }
}

/** Waybill knows what the leaders hold. */
function replicated(topic: TopicOffsetsRow): bigint[] {
  return topic.size_bytes === null || topic.replication_factor === null ? [] : [BigInt(topic.size_bytes) * BigInt(topic.replication_factor)];
}
