import { createKafkaBroker } from './kafka/kafka-broker.ts';
import { type KafkaClusterConfig, openKafka } from './kafka/connect.ts';
import type { Broker } from './broker.ts';

/** The configured clusters of this process, each with one client. */
export interface BrokerRegistry {
  /** Names in the order of the configuration. */
  readonly names: readonly string[];
  /**
   * The broker of a cluster, by its configured name or by the id of its row in the store once `bind` was called for it.
   * @throws where the cluster is not configured in this process
   */
  get(cluster: string | number): Broker;
  /** Says which row of the store a configured cluster is. Refused identities are never bound, so nothing is done on the wrong cluster. */
  bind(clusterId: number, name: string): void;
  /** The configured names that are bound, by row id. */
  bound(): ReadonlyMap<number, string>;
  close(): Promise<void>;
}

/** One client for each configured cluster, opened at its first use. */
export function openBrokerRegistry(clusters: readonly KafkaClusterConfig[], options: { clientId?: string; requestTimeoutMs?: number; log?: { debug(fields: object, text: string): void } } = {}): BrokerRegistry {
  const open = new Map<string, Broker>();
  const ids = new Map<number, string>();
  return {
    names: clusters.map((cluster) => cluster.name),
    get(cluster) {
      const name = typeof cluster === 'string' ? cluster : ids.get(cluster);
      const config = clusters.find((candidate) => candidate.name === name);
      if (name === undefined || !config) throw new Error(`The cluster ${cluster} is not configured here, or was not identified yet.`);
      let broker = open.get(name);
      if (!broker) {
        options.log?.debug({ cluster: name, brokers: config.brokers }, 'opening a client');
        open.set(name, (broker = createKafkaBroker(openKafka(config, { clientId: options.clientId ?? 'waybill', ...(options.requestTimeoutMs === undefined ? {} : { requestTimeoutMs: options.requestTimeoutMs }) }))));
      }
      return broker;
    },
    bind(clusterId, name) {
      ids.set(clusterId, name);
    },
    bound: () => ids,
    async close() {
      await Promise.all([...open.values()].map((broker) => broker.close()));
      open.clear();
    },
  };
}
