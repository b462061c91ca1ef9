import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { PROJECT_DIR } from '#lib/paths.ts';

const read = (path: string) => readFileSync(join(PROJECT_DIR, path), 'utf8');
const engines = (path: string) => (JSON.parse(read(path)) as { engines: { node: string } }).engines.node;
const launcher = read('bin/waybill.mjs');

// The launcher's own function, cut out of a file that runs as soon as it is imported.
const source = /function supportedNode\(version, range\) \{[\s\S]*?\n\}/.exec(launcher)![0].replace('new Refusal', 'new Error');
const { supportedNode } = (await import(`data:text/javascript,${encodeURIComponent(`export ${source}`)}`)) as { supportedNode: (version: string, range: string) => boolean };

test('the supported Node is said once, in package.json, and is what the Kafka client asks for', () => {
  const versions = (range: string) => range.match(/\d+\.\d+\.\d+/g);
  assert.deepEqual(versions(engines('package.json')), versions(engines('node_modules/@platformatic/kafka/package.json')));
  const others = spawnSync('git', ['grep', '-lF', engines('package.json'), '--', '*.ts', '*.tsx', '*.mjs', '*.sh', '.ci'], { cwd: PROJECT_DIR, encoding: 'utf8' }).stdout.trim();
  assert.equal(others, '', 'it is repeated in code');
});

test('the launcher takes exactly the versions of the range', () => {
  const range = engines('package.json');
  for (const version of ['22.22.0', '22.23.1', '24.6.0', '24.21.0', '25.0.0', '26.1.0']) assert.ok(supportedNode(version, range), version);
  for (const version of ['18.20.8', '20.20.2', '22.21.9', '23.11.0', '24.5.9']) assert.ok(!supportedNode(version, range), version);
});

test('the Node that the launcher brings is one of them, and runs these tests where the machine has none', () => {
  const brought = /const BROUGHT_NODE = '([\d.]+)'/.exec(launcher)?.[1];
  assert.ok(brought && supportedNode(brought, engines('package.json')));
  assert.ok(supportedNode(process.versions.node, engines('package.json')), process.versions.node);
});

test('stage one of the launcher is JavaScript that Node 18 reads, without a dependency', () => {
  const imports = [...launcher.matchAll(/^import .* from '([^']+)'/gm)].map((match) => match[1]!);
  assert.ok(imports.length > 0 && imports.every((name) => name.startsWith('node:')), imports.join());
  assert.equal(spawnSync(process.execPath, ['--check', join(PROJECT_DIR, 'bin/waybill.mjs')]).status, 0);
});
