import type { ClusterDescription } from '../port-offsets.ts';
import type { Kafka, KafkaMetadata } from './connect.ts';

/** Kafka's own id of the cluster, its controller and brokers (Metadata). */
export async function describeCluster(kafka: Kafka): Promise<ClusterDescription> {
  return clusterOf(await kafka.connections.metadata({ topics: [] }));
}

/** The cluster's part of a metadata answer. */
export function clusterOf(metadata: KafkaMetadata): ClusterDescription {
  return {
    clusterId: metadata.clusterId,
    controllerId: metadata.controllerId,
    nodes: metadata.nodes.map((n) => ({ id: n.nodeId, host: n.host, port: n.port, rack: n.rack })),
  };
}
