import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** The oldest Java that runs Kafka 4. */
export const LEAST_JAVA = 17;

export interface FoundTool {
  command: string;
  version: string;
}

/** Java of JAVA_HOME or the PATH; null where there is none or it is too old. */
export function findJava(env: NodeJS.ProcessEnv): FoundTool | null {
  const command = env['JAVA_HOME'] ? join(env['JAVA_HOME'], 'bin', 'java') : 'java';
  const asked = spawnSync(command, ['-version'], { env, encoding: 'utf8', timeout: 15_000 });
  const version = /version "((\d+)[^"]*)"/.exec(asked.stderr ?? '');
  return version && Number(version[2]) >= LEAST_JAVA ? { command, version: version[1]! } : null;
}

/** Maven of the PATH, or null. */
export function findMaven(env: NodeJS.ProcessEnv): FoundTool | null {
  const asked = spawnSync('mvn', ['--version'], { env, encoding: 'utf8', timeout: 15_000, shell: process.platform === 'win32' });
  const version = /Apache Maven ([\d.]+)/.exec(asked.stdout ?? '')?.[1];
  return version ? { command: 'mvn', version } : null;
}

/** Docker with a running engine, or null. */
export function findDocker(env: NodeJS.ProcessEnv): FoundTool | null {
  const asked = spawnSync('docker', ['version', '--format', '{{.Server.Version}}'], { env, encoding: 'utf8', timeout: 10_000 });
  const version = asked.status === 0 ? asked.stdout.trim() : '';
  return version ? { command: 'docker', version } : null;
}
