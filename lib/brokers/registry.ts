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
      const opened = (): Broker => {
        let broker = open.get(name);
        if (!broker) {
          options.log?.debug({ cluster: name, brokers: config.brokers }, 'opening a client');
          open.set(name, (broker = createKafkaBroker(openKafka(config, { clientId: options.clientId ?? 'waybill', ...(options.requestTimeoutMs === undefined ? {} : { requestTimeoutMs: options.requestTimeoutMs }) }))));
        }
        return broker;
      };
      try {
        return opened();
      } catch {
        return openLater(name, opened);
      }
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

/**
 * A broker whose client can't be made now (a certificate's file is missing): every question tries again, and fails with the reason. So one cluster's
 * mistake stops no other cluster, and ends when the file is there.
 */
function openLater(name: string, opened: () => Broker): Broker {
  const known: Pick<Broker, 'kind' | 'name' | 'close'> = { kind: 'kafka', name, close: async () => undefined };
  return new Proxy(known as Broker, {
    get(target, verb, receiver) {
      // A promise asks everything for `then`.
      if (verb in target || verb === 'then' || typeof verb === 'symbol') return Reflect.get(target, verb, receiver) as unknown;
      return async (...questions: unknown[]) => {
        const broker = opened() as unknown as Record<string, (...questions: unknown[]) => unknown>;
        return await broker[verb]?.(...questions);
      };
    },
  });
}
