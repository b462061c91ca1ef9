import type { GroupTopicOffsets, TopicOffsetsRow } from '#lib/store/lag/read-metric-offsets.ts';
import type { Exposition, Labels, Sample } from './exposition.ts';
import type { GroupSummary } from './group-shape.ts';
import type { ClusterReading } from './list-cluster-readings.ts';

export interface KafkaExporterFigures {
  clusters: readonly ClusterReading[];
  /** Read a moment ago: the others have no series. */
  groups: readonly GroupSummary[];
  offsets: readonly GroupTopicOffsets[];
  topics: readonly TopicOffsetsRow[];
  /** `{}` where there is one cluster, as kafka_exporter itself has no label for it. */
  clusterLabel: (cluster: string) => Labels;
}

/**
 * The metrics of danielqsj/kafka_exporter under their own names, labels and types, so that dashboards and alerts made for it keep working. Where it says
 * -1 for a partition without a commit there is no series here. The ZooKeeper metric is left out.
 */
export function writeKafkaExporterMetrics(out: Exposition, { clusters, groups, offsets, topics, clusterLabel }: KafkaExporterFigures): void {
  const alive = clusters.filter(({ state }) => state === 'ok' || state === 'partial');
  out.metric('kafka_brokers', 'gauge', 'Number of Brokers in the Kafka Cluster.', alive.map((c): Sample => [clusterLabel(c.name), c.brokers.length]));
  out.metric('kafka_broker_info', 'gauge', 'Information about the Kafka Broker.', alive.flatMap((c) => c.brokers.map((b): Sample => [{ ...clusterLabel(c.name), id: b.id, address: `${b.host}:${b.port}` }, 1])));

  const topicLabels = (t: TopicOffsetsRow): Labels => ({ ...clusterLabel(t.cluster), topic: t.topic });
  const each = function* (valueOf: (topic: TopicOffsetsRow, i: number, partition: number) => string | number | null): Generator<Sample> {
    for (const topic of topics) {
      for (const [i, partition] of topic.partitions.entries()) {
        const value = valueOf(topic, i, partition);
        if (value !== null) yield [{ ...topicLabels(topic), partition }, value];
      }
    }
  };
  out.metric('kafka_topic_partitions', 'gauge', 'Number of partitions for this Topic', topics.map((t): Sample => [topicLabels(t), t.partition_count]));
  out.metric('kafka_topic_partition_current_offset', 'gauge', 'Current Offset of a Broker at Topic/Partition', each((t, i) => t.ends[i] ?? null));
  out.metric('kafka_topic_partition_oldest_offset', 'gauge', 'Oldest Offset of a Broker at Topic/Partition', each((t, i) => t.starts[i] ?? null));
  out.metric('kafka_topic_partition_leader', 'gauge', 'Leader Broker ID of this Topic/Partition', each((t, i) => t.leaders[i] ?? null));
  out.metric('kafka_topic_partition_replicas', 'gauge', 'Number of Replicas for this Topic/Partition', each((t, _, partition) => t.replicas[partition]?.length ?? null));
  out.metric('kafka_topic_partition_in_sync_replica', 'gauge', 'Number of In-Sync Replicas for this Topic/Partition', each((t, _, partition) => t.in_sync_replicas[partition]?.length ?? null));
  out.metric('kafka_topic_partition_leader_is_preferred', 'gauge', '1 if Topic/Partition is using the Preferred Broker', each((t, i, partition) => {
    const preferred = t.replicas[partition]?.[0];
    const leader = t.leaders[i] ?? null;
    return preferred === undefined || leader === null ? null : Number(preferred === leader);
  }));
  out.metric('kafka_topic_partition_under_replicated_partition', 'gauge', '1 if Topic/Partition is under Replicated', each((t, _, partition) => {
    const [replicas, inSync] = [t.replicas[partition]?.length, t.in_sync_replicas[partition]?.length];
    return replicas === undefined || inSync === undefined ? null : Number(inSync < replicas);
  }));

  const groupLabels = (row: GroupTopicOffsets): Labels => ({ ...clusterLabel(row.cluster), consumergroup: row.name, topic: row.topic });
  const eachCommit = function* (key: 'committed' | 'lags'): Generator<Sample> {
    for (const row of offsets) {
      for (const [i, partition] of row.partitions.entries()) {
        const value = row[key][i] ?? null;
        if (value !== null) yield [{ ...groupLabels(row), partition }, value];
      }
    }
  };
  out.metric('kafka_consumergroup_current_offset', 'gauge', 'Current Offset of a ConsumerGroup at Topic/Partition', eachCommit('committed'));
  out.metric('kafka_consumergroup_current_offset_sum', 'gauge', 'Current Offset of a ConsumerGroup at Topic for all partitions', offsets.map((row): Sample => [groupLabels(row), row.committed_sum]));
  out.metric('kafka_consumergroup_lag', 'gauge', 'Current Approximate Lag of a ConsumerGroup at Topic/Partition', eachCommit('lags'));
  out.metric('kafka_consumergroup_lag_sum', 'gauge', 'Current Approximate Lag of a ConsumerGroup at Topic for all partitions', offsets.flatMap((row) => (row.lag_sum === null ? [] : [[groupLabels(row), row.lag_sum] as const])));
  out.metric('kafka_consumergroup_members', 'gauge', 'Amount of members in a consumer group', groups.flatMap((g) => (g.members === null ? [] : [[{ ...clusterLabel(g.cluster), consumergroup: g.group }, g.members] as const])));
}
