import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Admin, Kafka as KafkaJs, logLevel } from 'kafkajs';
import { classArchiveOf } from '#demo/broker/archive-classes.ts';
import { findJava } from '#demo/broker/find-java.ts';
import { awaitKafka } from '#demo/broker/prepare-kafka.ts';
import type { KafkaClusterConfig } from '#lib/brokers/kafka/connect.ts';
import { freePort } from '../../launcher/check-port.ts';
import { type CertificateAuthority, createAuthority, type IssuedCertificate } from './certificates.ts';
import { eventually } from './eventually.ts';
import { kafkaLibs } from './kafka.ts';

/**
 * What a broker listens with. PLAINTEXT is always there: the brokers talk over it, and who comes by it (User:ANONYMOUS) may do everything.
 * SASL = SASL_PLAINTEXT with PLAIN and SCRAM; TLS = server certificate only; MTLS = client certificate required (the principal is User:CN=name);
 * SASL_TLS = both; EXPIRED = TLS with a server certificate that ended a day ago.
 */
export type KafkaListener = 'PLAINTEXT' | 'SASL' | 'TLS' | 'MTLS' | 'SASL_TLS' | 'EXPIRED';

export interface KafkaClusterOptions {
  /** Default 1. Node 1 is also the only controller: it can be restarted, but while it is down nothing is elected. */
  nodes?: number;
  /** Besides PLAINTEXT. */
  listeners?: readonly Exclude<KafkaListener, 'PLAINTEXT'>[];
  /** For PLAIN and SCRAM, name to password. */
  users?: Readonly<Record<string, string>>;
  /** StandardAuthorizer: who has no ACL may do nothing, except over PLAINTEXT. */
  authorizer?: boolean;
  /** More lines of server.properties, for every node. */
  settings?: Readonly<Record<string, string>>;
}

export interface KafkaCluster {
  readonly nodeIds: readonly number[];
  readonly libs: string;
  /** Signed the servers' certificates. Only where a listener uses TLS. */
  readonly authority: CertificateAuthority;
  /** Folder of the cluster, gone with it: for certificates and configuration of a test. */
  readonly folder: string;
  /** host:port of every node. */
  brokers(listener?: KafkaListener): string[];
  /** What `openBrokerRegistry` and `openKafka` take. */
  config(name: string, options?: { listener?: KafkaListener; sasl?: KafkaClusterConfig['sasl']; tls?: KafkaClusterConfig['tls'] }): KafkaClusterConfig;
  /** A client that is not the product's own, over PLAINTEXT; connected, ended with the cluster. */
  readonly admin: Admin;
  /** SIGTERM: the broker hands its leaderships over first. Waits for its end. */
  stop(nodeId: number): Promise<void>;
  /** SIGKILL. Waits for its end, not for what the others make of it. */
  kill(nodeId: number): Promise<void>;
  /** SIGSTOP: the sockets stay open and nobody answers. `resume` ends it. */
  freeze(nodeId: number): void;
  resume(nodeId: number): void;
  /** Starts a node again on the same data and ports, and waits until it serves. */
  start(nodeId: number): Promise<void>;
  close(): Promise<void>;
}

interface Node {
  id: number;
  ports: Map<KafkaListener | 'CONTROLLER', number>;
  file: string;
  log: string;
  running: { child: ChildProcess; guard: ChildProcess } | null;
}

const START_MS = 120_000;
const PROTOCOLS: Record<KafkaListener, string> = { PLAINTEXT: 'PLAINTEXT', SASL: 'SASL_PLAINTEXT', TLS: 'SSL', MTLS: 'SSL', SASL_TLS: 'SASL_SSL', EXPIRED: 'SSL' };

/** Every process that is still there when the test process ends. */
const alive = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

/**
 * Starts real Kafka brokers (KRaft) of a test's own on loopback, in a temporary folder. Ends with the test, also where the test fails or is killed.
 * @param t null where the tests of a file share it: start it in a `before` and close it in an `after(() => cluster?.close())` of the suite
 */
export async function startKafkaCluster(t: { after(hook: () => Promise<void>): void } | null, options: KafkaClusterOptions = {}): Promise<KafkaCluster> {
  const java = findJava(process.env);
  if (!java) throw new Error('Java 17 or newer is needed for a Kafka of a test\'s own.');
  const libs = kafkaLibs();
  const folder = mkdtempSync(join(tmpdir(), 'waybill-kafka-'));
  const listeners: readonly KafkaListener[] = ['PLAINTEXT', ...(options.listeners ?? [])];
  const nodes: Node[] = [];
  const taken = new Set<number>();
  const newPort = async (): Promise<number> => {
    const port = await freePort();
    if (taken.has(port)) return newPort();
    taken.add(port);
    return port;
  };
  for (let id = 1; id <= (options.nodes ?? 1); id += 1) {
    const ports: Node['ports'] = new Map();
    for (const listener of listeners) ports.set(listener, await newPort());
    if (id === 1) ports.set('CONTROLLER', await newPort());
    mkdirSync(join(folder, `node-${id}`));
    nodes.push({ id, ports, file: join(folder, `node-${id}`, 'server.properties'), log: join(folder, `node-${id}`, 'output.log'), running: null });
  }
  let admin: Admin | null = null;
  const archive = classArchiveOf(libs, java.version);
  const close = async () => {
    await admin?.disconnect().catch(() => undefined);
    await Promise.all(nodes.map((node) => end(node, 'SIGKILL')));
    rmSync(folder, { recursive: true, force: true });
  };
  t?.after(close);

  const usesTls = listeners.some((listener) => PROTOCOLS[listener].endsWith('SSL'));
  const authority = usesTls ? createAuthority(folder) : null;
  const certificates = authority ? { valid: authority.issue('localhost'), expired: listeners.includes('EXPIRED') ? authority.issue('localhost', { expired: true }) : null } : null;
  const clusterId = randomBytes(16).toString('base64url').replace(/^-/, 'k');
  for (const node of nodes) {
    writeFileSync(node.file, `${Object.entries(settingsOf(node, nodes, listeners, options, authority, certificates)).map(([name, value]) => `${name}=${value}`).join('\n')}\n`, { mode: 0o600 });
    const logs = logsOf(node);
    if (node.id === 1) format(java.command, libs, node.file, clusterId, options.users ?? {});
    else {
      // What the storage tool writes for a broker that is no controller; a JVM less to start.
      mkdirSync(logs);
      writeFileSync(join(logs, 'meta.properties'), `version=1\ncluster.id=${clusterId}\nnode.id=${node.id}\ndirectory.id=${randomBytes(16).toString('base64url').replace(/^-/, 'k')}\n`);
    }
  }

  async function start(nodeId: number): Promise<void> {
    const node = nodeOf(nodes, nodeId);
    if (node.running) throw new Error(`node ${nodeId} runs already`);
    const output = openSync(node.log, 'a');
    const child = spawn(
      java!.command,
      [...(existsSync(archive) ? [`-XX:SharedArchiveFile=${archive}`, '-Xshare:auto', '-Xlog:cds=off'] : []), '-XX:TieredStopAtLevel=1', '-Xmx256m', '-Xms64m', '-XX:+UseSerialGC', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-cp', join(libs, '*'), 'kafka.Kafka', node.file],
      { stdio: ['ignore', output, output] },
    );
    closeSync(output);
    alive.add(child);
    // SIGKILL of the test process leaves no time for a hook: this pipe closes then, and the shell behind it ends the broker and removes its folder.
    const guard = spawn('sh', ['-c', 'read -r _; kill -9 "$1" 2>/dev/null; rm -rf "$2"', 'sh', String(child.pid), folder], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    guard.unref();
    (guard.stdin as unknown as { unref?: () => void } | null)?.unref?.();
    alive.add(guard);
    node.running = { child, guard };
    child.once('exit', () => {
      alive.delete(child);
      // Before the id can belong to somebody else.
      guard.kill('SIGKILL');
      alive.delete(guard);
      if (node.running?.child === child) node.running = null;
    });
    const signal = AbortSignal.timeout(START_MS);
    await Promise.race([
      awaitKafka('127.0.0.1', portOf(node, 'PLAINTEXT'), signal),
      once(child, 'exit').then(([code]) => {
        throw new Error(`Kafka node ${nodeId} ended with ${String(code)} while it started:\n${readFileSync(node.log, 'utf8').slice(-3_000)}`);
      }),
    ]);
  }

  try {
    await Promise.all(nodes.map((node) => start(node.id)));
    admin = new KafkaJs({ brokers: nodes.map((node) => `127.0.0.1:${portOf(node, 'PLAINTEXT')}`), clientId: 'waybill-tests', logLevel: logLevel.NOTHING, retry: { retries: 8, initialRetryTime: 50, maxRetryTime: 500 } }).admin();
    await admin.connect();
    await eventually(async () => {
      const seen = (await admin!.describeCluster()).brokers.length;
      if (seen !== nodes.length) throw new Error(`${seen} of ${nodes.length} brokers are there`);
    }, { timeoutMs: START_MS });
  } catch (error) {
    await close();
    throw error;
  }

  return {
    nodeIds: nodes.map((node) => node.id),
    libs,
    folder,
    admin,
    get authority() {
      if (!authority) throw new Error('no listener of this cluster uses TLS');
      return authority;
    },
    brokers: (listener = 'PLAINTEXT') => nodes.map((node) => `127.0.0.1:${portOf(node, listener)}`),
    config: (name, { listener = 'PLAINTEXT', sasl, tls } = {}) => ({ name, brokers: nodes.map((node) => `127.0.0.1:${portOf(node, listener)}`), sasl, tls }),
    stop: (nodeId) => end(nodeOf(nodes, nodeId), 'SIGTERM'),
    kill: (nodeId) => end(nodeOf(nodes, nodeId), 'SIGKILL'),
    freeze: (nodeId) => void nodeOf(nodes, nodeId).running?.child.kill('SIGSTOP'),
    resume: (nodeId) => void nodeOf(nodes, nodeId).running?.child.kill('SIGCONT'),
    start,
    close,
  };
}

function settingsOf(node: Node, nodes: readonly Node[], listeners: readonly KafkaListener[], options: KafkaClusterOptions, authority: CertificateAuthority | null, certificates: { valid: IssuedCertificate; expired: IssuedCertificate | null } | null): Record<string, string> {
  const controller = node.id === 1;
  const factor = String(Math.min(3, nodes.length));
  const address = (listener: KafkaListener) => `${listener}://127.0.0.1:${portOf(node, listener)}`;
  const settings: Record<string, string> = {
    'process.roles': controller ? 'broker,controller' : 'broker',
    'node.id': String(node.id),
    listeners: [...listeners.map(address), ...(controller ? [`CONTROLLER://127.0.0.1:${portOf(node, 'CONTROLLER')}`] : [])].join(','),
    'advertised.listeners': listeners.map(address).join(','),
    'listener.security.protocol.map': [...listeners.map((listener) => `${listener}:${PROTOCOLS[listener]}`), 'CONTROLLER:PLAINTEXT'].join(','),
    'inter.broker.listener.name': 'PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'controller.quorum.bootstrap.servers': `127.0.0.1:${portOf(nodeOf(nodes, 1), 'CONTROLLER')}`,
    'log.dirs': logsOf(node),
    'auto.create.topics.enable': 'false',
    'offsets.topic.num.partitions': '6',
    'offsets.topic.replication.factor': factor,
    'transaction.state.log.num.partitions': '2',
    'transaction.state.log.replication.factor': factor,
    'transaction.state.log.min.isr': '1',
    'share.coordinator.state.topic.num.partitions': '1',
    'share.coordinator.state.topic.replication.factor': factor,
    'share.coordinator.state.topic.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    // A dead broker is noticed after this: 9 s by default.
    'broker.session.timeout.ms': '3000',
    'broker.heartbeat.interval.ms': '500',
    'controlled.shutdown.enable': 'true',
    'log.segment.bytes': String(16 * 1024 * 1024),
    'num.network.threads': '2',
    'num.io.threads': '3',
    'log.cleaner.dedupe.buffer.size': String(4 * 1024 * 1024),
    'log.cleaner.threads': '1',
  };
  for (const listener of listeners) {
    const prefix = `listener.name.${listener.toLowerCase()}`;
    if (PROTOCOLS[listener].startsWith('SASL')) {
      const users = Object.entries(options.users ?? {});
      settings[`${prefix}.sasl.enabled.mechanisms`] = 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512';
      settings[`${prefix}.plain.sasl.jaas.config`] = `org.apache.kafka.common.security.plain.PlainLoginModule required ${users.map(([name, password]) => `user_${name}="${password}"`).join(' ')};`;
      for (const mechanism of ['scram-sha-256', 'scram-sha-512']) settings[`${prefix}.${mechanism}.sasl.jaas.config`] = 'org.apache.kafka.common.security.scram.ScramLoginModule required;';
    }
    if (PROTOCOLS[listener].endsWith('SSL') && authority && certificates) {
      const certificate = listener === 'EXPIRED' ? certificates.expired : certificates.valid;
      settings[`${prefix}.ssl.keystore.type`] = 'PEM';
      settings[`${prefix}.ssl.keystore.location`] = certificate?.bothFile ?? '';
      settings[`${prefix}.ssl.truststore.type`] = 'PEM';
      settings[`${prefix}.ssl.truststore.location`] = authority.caFile;
      settings[`${prefix}.ssl.client.auth`] = listener === 'MTLS' ? 'required' : 'none';
    }
  }
  if (options.authorizer) {
    settings['authorizer.class.name'] = 'org.apache.kafka.metadata.authorizer.StandardAuthorizer';
    settings['super.users'] = 'User:ANONYMOUS';
    settings['allow.everyone.if.no.acl.found'] = 'false';
  }
  return { ...settings, ...options.settings };
}

function format(java: string, libs: string, file: string, clusterId: string, users: Readonly<Record<string, string>>): void {
  const scram = Object.entries(users).flatMap(([name, password]) => [256, 512].flatMap((bits) => ['--add-scram', `SCRAM-SHA-${bits}=[name=${name},password=${password}]`]));
  const formatted = spawnSync(java, ['-XX:TieredStopAtLevel=1', '-Xmx128m', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-cp', join(libs, '*'), 'kafka.tools.StorageTool', 'format', '--standalone', '-t', clusterId, '-c', file, ...scram], { encoding: 'utf8', timeout: START_MS });
  if (formatted.status !== 0) throw new Error(`Kafka could not format its storage: ${formatted.stderr}${formatted.stdout}`);
}

async function end(node: Node, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  const child = node.running?.child;
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  // A broker whose controller is gone waits for it for minutes before it ends.
  const late = signal === 'SIGTERM' ? setTimeout(() => child.kill('SIGKILL'), 15_000) : null;
  await ended;
  if (late) clearTimeout(late);
}

function nodeOf(nodes: readonly Node[], nodeId: number): Node {
  const node = nodes.find(({ id }) => id === nodeId);
  if (!node) throw new Error(`the cluster has no node ${nodeId}`);
  return node;
}

function portOf(node: Node, listener: KafkaListener | 'CONTROLLER'): number {
  const port = node.ports.get(listener);
  if (port === undefined) throw new Error(`the cluster does not listen with ${listener}`);
  return port;
}

function logsOf(node: Node): string {
  return join(node.file, '..', 'logs').replaceAll('\\', '/');
}
