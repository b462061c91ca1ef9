import { Admin, type Connection, type ConnectionOptions, apiVersionsV3, findCoordinatorV4, metadataV12, metadataV9 } from '@platformatic/kafka';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { errorText, WaybillError } from '#lib/errors.ts';
import { explainConnection } from './explain-connection.ts';

/** What is needed to reach a cluster. `lib/config.ts` produces it; the password never leaves this module. */
export interface KafkaClusterConfig {
  name: string;
  /** `host:port` each. */
  brokers: readonly string[];
  sasl?: { mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'; username: string; password: string } | undefined;
  /** `true` = the system's certificate authorities. Files are PEM. */
  tls?: boolean | { caFile?: string | undefined; certFile?: string | undefined; keyFile?: string | undefined; serverName?: string | undefined; rejectUnauthorized?: boolean | undefined } | undefined;
}

export interface OpenKafkaOptions {
  clientId: string;
  /** One request, sent to answered. A broker that does not answer costs at most this. Default 10,000. */
  requestTimeoutMs?: number;
  /** Default 5,000. */
  connectTimeoutMs?: number;
}

export interface KafkaNode {
  nodeId: number;
  host: string;
  port: number;
  rack: string | null;
}

export interface KafkaPartition {
  partition: number;
  /** null while an election is under way or the leader is offline. */
  leader: number | null;
  leaderEpoch: number;
  replicas: readonly number[];
  inSyncReplicas: readonly number[];
  /** Kafka's protocol error code; 0 = none. */
  errorCode: number;
}

export interface KafkaTopic {
  name: string;
  /** Kafka's topic id (KIP-516), null from a broker below 2.8. */
  topicId: string | null;
  internal: boolean;
  errorCode: number;
  partitions: readonly KafkaPartition[];
}

export interface KafkaMetadata {
  /** Kafka's own cluster id, null only from very old brokers. */
  clusterId: string | null;
  controllerId: number | null;
  nodes: readonly KafkaNode[];
  /** By name; all topics of the cluster unless `topics` were asked for. */
  topics: ReadonlyMap<string, KafkaTopic>;
}

export interface KafkaConnections {
  /** A connection to any broker that answers. */
  any(): Promise<Connection>;
  /** A connection to one broker. Throws where the node is not (or no longer) part of the cluster. */
  node(nodeId: number): Promise<Connection>;
  /** A connection to the leader of a partition, by metadata that is at most `maxAgeMs` old (default 30,000; 0 asks anew). */
  leader(topic: string, partition: number, options?: { maxAgeMs?: number }): Promise<{ nodeId: number; leaderEpoch: number; connection: Connection }>;
  /** A connection to the coordinator of a consumer group or a transactional id (FindCoordinator, never cached). */
  coordinator(kind: 'group' | 'transaction', key: string): Promise<{ nodeId: number; connection: Connection }>;
  /** Which brokers coordinate these consumer groups, in one request; what has none now comes with Kafka's error code. */
  coordinators(groups: readonly string[]): Promise<Map<string, { nodeId: number; errorCode: number }>>;
  /** The newest of `candidates` that the broker behind this connection speaks, or null. */
  version(connection: Connection, apiKey: number, candidates: readonly number[]): Promise<number | null>;
  /** Metadata of the named topics, or of all. Never creates a topic. */
  metadata(options?: { topics?: readonly string[] }): Promise<KafkaMetadata>;
}

export interface Kafka {
  readonly clusterName: string;
  /** For clients of their own: the producer of a replay job. */
  readonly clientOptions: ReturnType<typeof kafkaClientOptions>;
  /** The library's client. Its batch calls reject as a whole: prefer `connections` with the low-level functions. */
  readonly admin: Admin;
  readonly connections: KafkaConnections;
  close(): Promise<void>;
}

/** The library's own options for a cluster: also for the Producers of a replay, which need a client of their own. */
export function kafkaClientOptions(cluster: KafkaClusterConfig, options: OpenKafkaOptions): ConnectionOptions & { clientId: string; bootstrapBrokers: string[]; autocreateTopics: false } {
  const tls = cluster.tls === true ? {} : cluster.tls || undefined;
  return {
    clientId: options.clientId,
    bootstrapBrokers: [...cluster.brokers],
    autocreateTopics: false,
    connectTimeout: options.connectTimeoutMs ?? 5_000,
    requestTimeout: options.requestTimeoutMs ?? 10_000,
    ...(cluster.sasl ? { sasl: { ...cluster.sasl } } : {}),
    ...(tls
      ? {
          tls: {
            ...(tls.caFile ? { ca: readPem(cluster, 'caFile', tls.caFile) } : {}),
            ...(tls.certFile ? { cert: readPem(cluster, 'certFile', tls.certFile) } : {}),
            ...(tls.keyFile ? { key: readPem(cluster, 'keyFile', tls.keyFile) } : {}),
            ...(tls.rejectUnauthorized === false ? { rejectUnauthorized: false } : {}),
          },
          // Without a server name Node sends no SNI and checks the certificate against nothing useful behind a proxy.
          // An address is no name (RFC 6066), and the certificate is checked against it anyway.
          ...(tls.serverName !== undefined ? { tlsServerName: tls.serverName } : cluster.brokers.every((broker) => isIP(parseAddress(broker).host) !== 0) ? {} : { tlsServerName: true as const }),
        }
      : {}),
  };
}

/**
 * Opens a client for one cluster. Nothing is sent before the first call; a broker that is down fails that call, never this one.
 * Every request has a timeout. `close()` ends all connections.
 */
export function openKafka(cluster: KafkaClusterConfig, options: OpenKafkaOptions): Kafka {
  const clientOptions = kafkaClientOptions(cluster, options);
  const admin = new Admin({ ...clientOptions, retries: 1, retryDelay: 100 });
  const bootstrap = cluster.brokers.map(parseAddress);
  let nodes = new Map<number, KafkaNode>();
  let recent: { at: number; metadata: KafkaMetadata } | null = null;
  /** When a broker last failed to answer, by address. */
  const failedAt = new Map<string, number>();
  const versions = new WeakMap<Connection, Map<number, { min: number; max: number }>>();

  // Known brokers after the configured ones: a rolled cluster stays reachable when the bootstrap host is gone. Who failed last is asked last.
  function candidates(): { host: string; port: number }[] {
    const byAddress = new Map([...bootstrap, ...nodes.values()].map(({ host, port }) => [addressOf({ host, port }), { host, port }]));
    return [...byAddress.values()].toSorted((a, b) => (failedAt.get(addressOf(a)) ?? 0) - (failedAt.get(addressOf(b)) ?? 0));
  }

  async function any(): Promise<Connection> {
    return admin.connections.getFirstAvailable(candidates());
  }

  // A broker that takes connections and does not answer must not stand for the cluster: the next one is asked.
  async function ask<Answer>(question: (connection: Connection) => Promise<Answer>): Promise<Answer> {
    const failures: unknown[] = [];
    for (const address of candidates().slice(0, MOST_ASKED)) {
      try {
        const answer = await question(await admin.connections.get(address));
        failedAt.delete(addressOf(address));
        return answer;
      } catch (error) {
        failedAt.set(addressOf(address), Date.now());
        failures.push(explainConnection(error, cluster, `${address.host}:${address.port}`));
      }
    }
    if (failures.length === 1) throw failures[0];
    const [first] = failures;
    if (!(first instanceof WaybillError)) throw new AggregateError(failures, '');
    throw new WaybillError(first.code, `None of ${failures.length} brokers answers: ${first.message}`, { status: first.status, retryable: first.retryable, cause: first.cause });
  }

  async function node(nodeId: number): Promise<Connection> {
    if (!nodes.has(nodeId)) await metadata({ topics: [] });
    const found = nodes.get(nodeId);
    if (!found) throw new Error(`broker ${nodeId} is not part of the cluster ${cluster.name}`);
    try {
      return await admin.connections.get({ host: found.host, port: found.port });
    } catch (error) {
      throw explainConnection(error, cluster, `${found.host}:${found.port}`);
    }
  }

  async function version(connection: Connection, apiKey: number, candidates: readonly number[]): Promise<number | null> {
    let known = versions.get(connection);
    if (!known) {
      const answer = await apiVersionsV3.api.async(connection, 'waybill', '1');
      known = new Map(answer.apiKeys.map((api) => [api.apiKey, { min: api.minVersion, max: api.maxVersion }]));
      versions.set(connection, known);
    }
    const range = known.get(apiKey);
    if (!range) return null;
    return candidates.reduce<number | null>((best, v) => (v >= range.min && v <= range.max && (best === null || v > best) ? v : best), null);
  }

  async function metadata(request: { topics?: readonly string[] } = {}): Promise<KafkaMetadata> {
    const topics = request.topics ?? null;
    const answer = await ask(async (connection) => {
      const newest = await version(connection, metadataV12.api.key, [9, 12]);
      // A null list asks for every topic; the library's types know only arrays, its writer both.
      return await answerOf(
        newest === 12
          ? metadataV12.api.async(connection, topics as never, false, false)
          : metadataV9.api.async(connection, topics as never, false, false, false),
      );
    });
    nodes = new Map(answer.brokers.map((b) => [b.nodeId, { nodeId: b.nodeId, host: b.host, port: b.port, rack: b.rack ?? null }]));
    const result: KafkaMetadata = {
      clusterId: answer.clusterId ?? null,
      controllerId: answer.controllerId >= 0 ? answer.controllerId : null,
      nodes: [...nodes.values()],
      topics: new Map(
        answer.topics.map((t) => [
          t.name ?? '',
          {
            name: t.name ?? '',
            topicId: 'topicId' in t && t.topicId !== ZERO_UUID ? String(t.topicId) : null,
            internal: t.isInternal,
            errorCode: t.errorCode,
            partitions: t.partitions.map((p) => ({
              partition: p.partitionIndex,
              leader: p.leaderId >= 0 ? p.leaderId : null,
              leaderEpoch: p.leaderEpoch,
              replicas: p.replicaNodes,
              inSyncReplicas: p.isrNodes,
              errorCode: p.errorCode,
            })),
          } satisfies KafkaTopic,
        ]),
      ),
    };
    if (topics === null) recent = { at: Date.now(), metadata: result };
    return result;
  }

  async function leader(topic: string, partition: number, { maxAgeMs = 30_000 }: { maxAgeMs?: number } = {}) {
    const cached = recent && Date.now() - recent.at <= maxAgeMs ? recent.metadata.topics.get(topic) : undefined;
    const found = cached ?? (await metadata({ topics: [topic] })).topics.get(topic);
    const at = found?.partitions.find((p) => p.partition === partition);
    if (!found || found.errorCode !== 0 || !at) throw new Error(`${topic}:${partition} does not exist in the cluster ${cluster.name}`);
    if (at.leader === null) throw new Error(`${topic}:${partition} has no leader at the moment`);
    return { nodeId: at.leader, leaderEpoch: at.leaderEpoch, connection: await node(at.leader) };
  }

  async function coordinator(kind: 'group' | 'transaction', key: string) {
    // The first question of all makes the broker create its offsets topic, and answers "not available" until that is done.
    for (let attempt = 0; ; attempt += 1) {
      const answer = await ask((connection) => answerOf(findCoordinatorV4.api.async(connection, kind === 'group' ? 0 : 1, [key])));
      const found = answer.coordinators[0];
      if (found?.errorCode === 0) {
        nodes.set(found.nodeId, { nodeId: found.nodeId, host: found.host, port: found.port, rack: nodes.get(found.nodeId)?.rack ?? null });
        return { nodeId: found.nodeId, connection: await node(found.nodeId) };
      }
      const mayPass = found !== undefined && (found.errorCode === 14 || found.errorCode === 15);
      if (!mayPass || attempt >= 20) throw new Error(`no coordinator for ${kind} ${key} (Kafka error ${found?.errorCode ?? 'unknown'})`);
      await delay(250);
    }
  }

  async function coordinators(groups: readonly string[]) {
    const answer = await ask((connection) => answerOf(findCoordinatorV4.api.async(connection, 0, [...groups])));
    return new Map(answer.coordinators.map(({ key, nodeId, errorCode }) => [key, { nodeId, errorCode }]));
  }

  return { clusterName: cluster.name, clientOptions, admin, connections: { any, node, leader, coordinator, coordinators, version, metadata }, close: () => admin.close() };
}

/**
 * The answer of a low-level call, also where single items in it carry an error code: the library throws then, with the
 * whole answer on the error. What is left to throw is a request that failed as a whole.
 */
export async function answerOf<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Error && 'response' in error && typeof error.response === 'object' && error.response !== null) return error.response as T;
    throw error;
  }
}

/** How many brokers are asked the same question before it is given up: each may cost a whole timeout. */
const MOST_ASKED = 4;

function readPem(cluster: KafkaClusterConfig, key: 'caFile' | 'certFile' | 'keyFile', file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new WaybillError('config-invalid', `tls.${key} of the cluster "${cluster.name}" names ${file}, which can't be read (${(error as NodeJS.ErrnoException).code ?? errorText(error)}).`, { cause: error });
  }
}

const ZERO_UUID = '00000000-0000-0000-0000-000000000000';

function addressOf({ host, port }: { host: string; port: number }): string {
  return `${host} ${port}`;
}

/** `host:port`, `[v6]:port` or `host` (9092). */
function parseAddress(address: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(address.trim());
  const host = match?.[1] ?? match?.[2];
  if (!host) throw new Error(`"${address}" is not a broker address (host:port)`);
  return { host, port: match?.[3] ? Number(match[3]) : 9092 };
}
