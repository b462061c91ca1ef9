import type { Broker } from '../broker.ts';
import type { Kafka } from './connect.ts';
import { describeCluster } from './describe-cluster.ts';
import { describeGroups } from './describe-groups.ts';
import { findOffsetsAtTime } from './find-offsets-at-time.ts';
import { snapshotOffsets } from './snapshot-offsets.ts';

/** Kafka behind the port: each verb is a file of its own. */
export function createKafkaBroker(kafka: Kafka): Broker {
  return {
    kind: 'kafka',
    name: kafka.clusterName,
    describeCluster: () => describeCluster(kafka),
    snapshotOffsets: (options) => snapshotOffsets(kafka, options),
    describeGroups: (groups) => describeGroups(kafka, groups),
    findOffsetsAtTime: (partitions, timestampMs) => findOffsetsAtTime(kafka, partitions, timestampMs),
    close: () => kafka.close(),
  };
}
