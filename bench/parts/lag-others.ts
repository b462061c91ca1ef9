import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka as KafkaJs, logLevel } from 'kafkajs';
import { describeWithTool } from '#test/lag/kafka-tools.ts';

// What bench/lag.ts compares with: the same question to other clients, on the same broker in the same run.

export interface KadmFigures {
  ms: number;
  cpuMs: number;
  requests: number;
  peakRssMb: number;
}

/** franz-go's kadm, built with the Go on this machine. @returns null, said why, where there is no Go or it can't be built */
export function readWithKadm(brokers: readonly string[], runs: number): KadmFigures | null {
  const go = ['go', '/usr/local/go/bin/go'].find((command) => spawnSync(command, ['version']).status === 0);
  if (go === undefined) {
    console.log('kadm: left out, there is no Go on this machine');
    return null;
  }
  const binary = join(tmpdir(), `waybill-bench-kadm-${process.pid}`);
  const built = spawnSync(go, ['build', '-o', binary, '.'], { cwd: new URL('./kadm/', import.meta.url), encoding: 'utf8', timeout: 600_000 });
  if (built.status !== 0 || !existsSync(binary)) {
    console.log(`kadm: left out, it could not be built: ${(built.stderr ?? '').trim().split('\n').slice(-2).join(' ')}`);
    return null;
  }
  const ran = spawnSync(binary, ['-brokers', brokers.join(','), '-runs', String(runs)], { encoding: 'utf8', timeout: 300_000 });
  if (ran.status !== 0) {
    console.log(`kadm: left out, it failed: ${ran.stderr.trim()}`);
    return null;
  }
  return JSON.parse(ran.stdout.trim().split('\n').at(-1) ?? '') as KadmFigures;
}

/** kafkajs's admin, which asks group by group and topic by topic: a sample of them, and what that would be for all. */
export async function readWithKafkaJs(brokers: string[], groups: readonly string[], topicOf: (i: number) => string, all: number): Promise<number> {
  const admin = new KafkaJs({ brokers, clientId: 'bench-kafkajs', logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const started = performance.now();
  for (const [i, groupId] of groups.entries()) {
    await admin.fetchOffsets({ groupId });
    await admin.fetchTopicOffsets(topicOf(i));
  }
  const ms = ((performance.now() - started) / groups.length) * all;
  await admin.disconnect();
  return ms;
}

/** Kafka's own command-line tool, once, every group; its start-up is part of it. */
export async function readWithTool(): Promise<number> {
  const started = performance.now();
  await describeWithTool('consumer', 'all');
  return performance.now() - started;
}
