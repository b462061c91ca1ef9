import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { WaybillError } from '#lib/errors.ts';

export interface KafkaProcess {
  command: string;
  args: string[];
  brokers: string;
  ready: (signal: AbortSignal) => Promise<void>;
}

/**
 * Makes a single KRaft node ready to be started from Kafka's jars: settings each time, the storage formatted once. Loopback only.
 * @param ports broker and controller; the controller's is written into the metadata when the storage is formatted and must stay the same
 * @param classArchive what archive-classes.ts made, or null
 * @param brief for a broker that lives for minutes under a light load: the JVM compiles quickly instead of well
 * @throws WaybillError `kafka-format-failed`
 */
export function prepareKafka(options: { java: string; libs: string; kafkaDir: string; ports: { broker: number; controller: number }; retentionHours: number; classArchive: string | null; brief: boolean; overrides?: Record<string, string> }): KafkaProcess {
  const { java, libs, kafkaDir, ports } = options;
  const logs = join(kafkaDir, 'logs');
  mkdirSync(kafkaDir, { recursive: true, mode: 0o700 });
  const brokers = `127.0.0.1:${ports.broker}`;
  const settings: Record<string, string> = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    listeners: `PLAINTEXT://${brokers},CONTROLLER://127.0.0.1:${ports.controller}`,
    'advertised.listeners': `PLAINTEXT://${brokers}`,
    'controller.listener.names': 'CONTROLLER',
    'controller.quorum.bootstrap.servers': `127.0.0.1:${ports.controller}`,
    'log.dirs': logs.replaceAll('\\', '/'),
    'num.partitions': '3',
    'auto.create.topics.enable': 'true',
    'offsets.topic.num.partitions': '8',
    'offsets.topic.replication.factor': '1',
    'transaction.state.log.num.partitions': '8',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'share.coordinator.state.topic.num.partitions': '3',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    'log.retention.hours': String(options.retentionHours),
    'log.segment.bytes': String(64 * 1024 * 1024),
    // After a crash the controller takes the same broker back only once its old session has ended: 9 s by default.
    'broker.session.timeout.ms': '4000',
    'broker.heartbeat.interval.ms': '1000',
    ...options.overrides,
  };
  const file = join(kafkaDir, 'server.properties');
  writeFileSync(file, `${Object.entries(settings).map(([name, value]) => `${name}=${value}`).join('\n')}\n`, { mode: 0o600 });
  const classpath = join(libs, '*');
  const logging = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-Dorg.slf4j.simpleLogger.showDateTime=true'];
  if (!existsSync(join(logs, 'meta.properties'))) {
    // 16 random bytes in base64url: how Kafka writes a cluster id. One that begins with "-" would be read as an option.
    const clusterId = randomBytes(16).toString('base64url').replace(/^-/, 'k');
    const formatted = spawnSync(java, [...logging, '-cp', classpath, 'kafka.tools.StorageTool', 'format', '--standalone', '-t', clusterId, '-c', file], { encoding: 'utf8', timeout: 60_000 });
    if (formatted.status !== 0) {
      const said = `${formatted.stderr ?? ''}${formatted.stdout ?? ''}`.trim().split('\n').slice(0, 3).join(' ');
      throw new WaybillError('kafka-format-failed', `Kafka could not make its data folder ${logs}: ${said || String(formatted.error ?? formatted.signal)}`);
    }
  }
  return {
    command: java,
    args: [...(options.classArchive === null ? [] : [`-XX:SharedArchiveFile=${options.classArchive}`, '-Xshare:auto', '-Xlog:cds=off']), ...(options.brief ? ['-XX:TieredStopAtLevel=1'] : []), '-Xmx512m', '-Xms128m', '-XX:+UseSerialGC', ...logging, '-cp', classpath, 'kafka.Kafka', file],
    brokers,
    ready: (signal) => awaitKafka('127.0.0.1', ports.broker, signal),
  };
}

/** Ports of an earlier start, so that the controller finds itself again; null before the first. */
export function readKafkaPorts(kafkaDir: string): { broker: number; controller: number } | null {
  try {
    const text = readFileSync(join(kafkaDir, 'server.properties'), 'utf8');
    const match = /^listeners=PLAINTEXT:\/\/[^,]*:(\d+),CONTROLLER:\/\/[^:]*:(\d+)$/m.exec(text);
    return match ? { broker: Number(match[1]), controller: Number(match[2]) } : null;
  } catch {
    return null;
  }
}

// ApiVersions v0 (key 18, correlation id 1, no client id): a broker that answers it has its network threads up and serves.
const API_VERSIONS = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff]);

/** Waits until a broker answers on a port. */
export async function awaitKafka(host: string, port: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const answered = await new Promise<boolean>((resolve) => {
      const socket = connect({ host, port });
      const end = (ok: boolean) => {
        socket.destroy();
        resolve(ok);
      };
      socket.setTimeout(2_000, () => end(false));
      socket.once('connect', () => socket.write(API_VERSIONS));
      socket.once('data', () => end(true));
      socket.once('error', () => end(false));
      socket.once('close', () => end(false));
    });
    if (answered) return;
    await delay(50, undefined, { signal });
  }
}
