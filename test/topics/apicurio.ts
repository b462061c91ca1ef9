import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { findJava } from '#demo/broker/find-java.ts';
import { TOOLCHAIN_DIR } from '#lib/paths.ts';
import { freePort } from '../../launcher/check-port.ts';
import { eventually } from '../harness/eventually.ts';

const VERSION = '3.0.9';

export interface Apicurio {
  /** Its Confluent-compatible interface, as `schemaRegistry.url` takes it. */
  url: string;
  /** Registers a schema and returns its id. */
  register(subject: string, schema: { schema: string; schemaType?: string; references?: { name: string; subject: string; version: number }[] }): Promise<number>;
  stop(): Promise<void>;
}

/** Folder of Apicurio Registry (Apache-2.0), fetched once per clone by Maven. */
function apicurioDir(): string {
  const dir = join(TOOLCHAIN_DIR, `apicurio-registry-${VERSION}`);
  if (existsSync(dir)) return dir;
  const fresh = `${dir}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  const maven = spawnSync('mvn', ['-q', '-B', 'dependency:copy', `-Dartifact=io.apicurio:apicurio-registry-app:${VERSION}:tar.gz:all`, `-DoutputDirectory=${fresh}`], { cwd: fresh, encoding: 'utf8', timeout: 180_000 });
  if (maven.status !== 0) throw new Error(`Maven could not fetch Apicurio Registry: ${maven.stdout}${maven.stderr}`);
  const archive = `apicurio-registry-app-${VERSION}-all.tar.gz`;
  const tar = spawnSync('tar', ['-xzf', archive], { cwd: fresh, encoding: 'utf8', timeout: 60_000 });
  if (tar.status !== 0) throw new Error(`${archive} could not be unpacked: ${tar.stderr}`);
  rmSync(join(fresh, archive));
  renameSync(fresh, dir);
  return dir;
}

/** Starts a real schema registry with its store in memory. */
export async function startApicurio(t: Pick<TestContext, 'after'>): Promise<Apicurio> {
  const java = findJava(process.env)?.command;
  if (java === undefined) throw new Error('The schema registry needs Java 17.');
  const dir = apicurioDir();
  const scratch = mkdtempSync(join(tmpdir(), 'waybill-registry-'));
  const port = await freePort();
  const child = spawn(java, ['-Xmx300m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', `-Djava.io.tmpdir=${scratch}`, `-Dquarkus.http.port=${port}`, '-Dquarkus.http.host=127.0.0.1', '-Dquarkus.log.level=ERROR', '-jar', join(dir, `apicurio-registry-app-${VERSION}-runner.jar`)], { cwd: scratch, stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(scratch, { recursive: true, force: true });
  };
  t.after(stop);
  const url = `http://127.0.0.1:${port}/apis/ccompat/v7`;
  await eventually(async () => {
    if (child.exitCode !== null) throw new Error(`the registry ended with ${child.exitCode}`);
    const answer = await fetch(`${url}/subjects`);
    if (!answer.ok) throw new Error(`the registry answers ${answer.status}`);
  }, { timeoutMs: 90_000 });
  return {
    url,
    async register(subject, schema) {
      const answer = await fetch(`${url}/subjects/${encodeURIComponent(subject)}/versions`, { method: 'POST', headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' }, body: JSON.stringify(schema) });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${subject} was not registered: ${answer.status} ${text}`);
      return (JSON.parse(text) as { id: number }).id;
    },
    stop,
  };
}
