import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { archiveClasses, classArchiveOf } from '#demo/broker/archive-classes.ts';
import { awaitKafka, prepareKafka, readKafkaPorts } from '#demo/broker/prepare-kafka.ts';
import { fetchKafka, KAFKA_VERSION, kafkaLibsDir } from '#demo/broker/fetch-kafka.ts';
import { findDocker, findJava, findMaven, type FoundTool, LEAST_JAVA } from '#demo/broker/find-java.ts';
import { WaybillError } from '#lib/errors.ts';
import { TOOLCHAIN_DIR, type DataPaths } from '#lib/paths.ts';
import { checkPort, freePort } from './check-port.ts';
import { childEnv } from './describe-children.ts';
import type { Progress } from './progress.ts';
import type { ChildSpec } from './supervisor.ts';

export const DEFAULT_KAFKA_PORT = 29092;

/** What to install where the demo finds nothing to run Kafka with. */
export const KAFKA_REMEDY =
  process.platform === 'darwin' ? 'brew install openjdk@17 maven' : process.platform === 'win32' ? 'winget install EclipseAdoptium.Temurin.17.JDK, and Maven from https://maven.apache.org' : 'sudo apt-get install -y openjdk-17-jre-headless maven';

export interface ChosenBroker {
  brokers: string;
  /** null where somebody else runs it */
  spec: ChildSpec | null;
  title: string;
}

/**
 * Finds the demo's Kafka: the broker KAFKA_BROKERS names, else Java with Maven's artifacts, else Docker.
 * @param brief see prepareKafka
 * @throws WaybillError `kafka-unreachable`, `kafka-missing` with the command that mends it, `port-taken`
 */
export async function chooseBroker({ paths, env, brief, progress, signal }: { paths: DataPaths; env: NodeJS.ProcessEnv; brief: boolean; progress: Progress; signal: AbortSignal }): Promise<ChosenBroker> {
  const given = env['KAFKA_BROKERS']?.trim();
  if (given) {
    await checkGiven(given, signal);
    return { brokers: given, spec: null, title: `Kafka at ${given}` };
  }
  const port = readKafkaPort(env);
  const java = findJava(env);
  if (java) {
    const libs = existsSync(kafkaLibsDir(TOOLCHAIN_DIR)) ? kafkaLibsDir(TOOLCHAIN_DIR) : await fetchWithMaven(env, progress, signal);
    if (libs) {
      await checkPort('127.0.0.1', port, 'Kafka', 'DEMO_KAFKA_PORT');
      const controller = readKafkaPorts(paths.kafkaDir)?.controller ?? (await freePort());
      await checkPort('127.0.0.1', controller, "Kafka's controller; the demo's data remembers it", 'WAYBILL_DATA_DIR to a new folder, not this');
      const classArchive = await archiveOf({ java, libs, progress, signal });
      const kafka = prepareKafka({ java: java.command, libs, kafkaDir: paths.kafkaDir, ports: { broker: port, controller }, retentionHours: 24, classArchive, brief });
      return { brokers: kafka.brokers, title: `Kafka ${KAFKA_VERSION} on ${kafka.brokers}`, spec: { ...kafkaSpec(kafka), env: childEnv({}) } };
    }
  }
  const docker = findDocker(env);
  if (docker) {
    await checkPort('127.0.0.1', port, 'Kafka', 'DEMO_KAFKA_PORT');
    return dockerBroker(paths, port);
  }
  const lacks = java ? 'Maven' : findMaven(env) ? `Java ${LEAST_JAVA} or newer` : `Java ${LEAST_JAVA} or newer and Maven`;
  throw new WaybillError('kafka-missing', `The demo needs ${lacks} to run Kafka: ${KAFKA_REMEDY} (or start Docker, or name a broker: KAFKA_BROKERS=host:9092 npm run demo).`);
}

/** A child that runs Kafka's own classes. */
export function kafkaSpec(kafka: ReturnType<typeof prepareKafka>): Omit<ChildSpec, 'env'> {
  return { name: 'kafka', command: kafka.command, args: kafka.args, channel: false, ready: kafka.ready, readyMs: 60_000, stopSignal: 'SIGTERM', lastSignal: 'SIGKILL', stopMs: 4_000 };
}

function readKafkaPort(env: NodeJS.ProcessEnv): number {
  const text = env['DEMO_KAFKA_PORT'];
  const port = text ? Number(text) : DEFAULT_KAFKA_PORT;
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new WaybillError('config-invalid', `DEMO_KAFKA_PORT is "${text}": give a port number from 1 to 65535.`);
  return port;
}

async function fetchWithMaven(env: NodeJS.ProcessEnv, progress: Progress, signal: AbortSignal): Promise<string | null> {
  const maven = findMaven(env);
  if (!maven) return null;
  return await progress.step(`Kafka ${KAFKA_VERSION} fetched with Maven`, () => fetchKafka(TOOLCHAIN_DIR, maven.command, signal));
}

async function archiveOf({ java, libs, progress, signal }: { java: FoundTool; libs: string; progress: Progress; signal: AbortSignal }): Promise<string | null> {
  const archive = classArchiveOf(libs, java.version);
  if (existsSync(archive)) return archive;
  const ports = { broker: await freePort(), controller: await freePort() };
  return await progress.step('Kafka prepared for quick starts', () => archiveClasses({ java: java.command, libs, archive, ports, signal }));
}

async function checkGiven(brokers: string, signal: AbortSignal): Promise<void> {
  const addresses = brokers.split(',').map((text) => /^(.+):(\d{1,5})$/.exec(text.trim()));
  for (const address of addresses) {
    if (!address) throw new WaybillError('config-invalid', `KAFKA_BROKERS is "${brokers}": give host:port, several divided by commas.`);
  }
  const answers = addresses.map((address) => awaitKafka(address![1]!.replace(/^\[|\]$/g, ''), Number(address![2]), AbortSignal.any([signal, AbortSignal.timeout(8_000)])));
  try {
    await Promise.any(answers);
  } catch {
    signal.throwIfAborted();
    throw new WaybillError('kafka-unreachable', `No Kafka broker answers at KAFKA_BROKERS=${brokers} within 8 s: start it, name another one, or unset KAFKA_BROKERS to let the demo run its own.`);
  }
}

function dockerBroker(paths: DataPaths, port: number): ChosenBroker {
  const name = `waybill-kafka-${createHash('sha256').update(paths.dataDir).digest('hex').slice(0, 12)}`;
  const brokers = `127.0.0.1:${port}`;
  const settings: Record<string, string> = {
    KAFKA_NODE_ID: '1',
    KAFKA_PROCESS_ROLES: 'broker,controller',
    KAFKA_LISTENERS: `PLAINTEXT://0.0.0.0:${port},CONTROLLER://127.0.0.1:9093`,
    KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://${brokers}`,
    KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
    KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    KAFKA_CONTROLLER_QUORUM_VOTERS: '1@127.0.0.1:9093',
    KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: '8',
    KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
    KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS: '8',
    KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
    KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
    KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR: '1',
    KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR: '1',
    KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
    KAFKA_NUM_PARTITIONS: '3',
    KAFKA_LOG_RETENTION_HOURS: '24',
  };
  const remove = () => Promise.resolve(void spawnSync('docker', ['rm', '-f', name], { stdio: 'ignore', timeout: 20_000 }));
  void remove();
  return {
    brokers,
    title: `Kafka ${KAFKA_VERSION} in Docker on ${brokers}`,
    spec: {
      name: 'kafka',
      command: 'docker',
      args: ['run', '--rm', '--name', name, '-p', `127.0.0.1:${port}:${port}`, ...Object.entries(settings).flatMap(([key, value]) => ['-e', `${key}=${value}`]), `apache/kafka:${KAFKA_VERSION}`],
      env: childEnv({}),
      channel: false,
      ready: (signal) => awaitKafka('127.0.0.1', port, signal),
      readyMs: 300_000, // the image may have to be pulled
      stopSignal: 'SIGTERM',
      lastSignal: 'SIGKILL',
      stopMs: 4_000,
      beforeRestart: remove,
    },
  };
}
