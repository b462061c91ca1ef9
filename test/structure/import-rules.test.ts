import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { PROJECT_DIR } from '#lib/paths.ts';

interface Diagnostic {
  code: string;
  message: string;
  help?: string;
  filename: string;
}

// One planted violation per line of the house: file, import, and what the rule says.
const PLANTED: [file: string, specifier: string, says: RegExp][] = [
  ['lib/model/planted.ts', '#lib/store/store.ts', /lib\/model imports nothing/],
  ['lib/lag/planted.ts', '#lib/journey/units.ts', /pure room imports only itself/],
  ['lib/lag/planted-clock.ts', 'node:timers/promises', /pure room imports only itself/],
  ['lib/alert/planted.ts', '../clock.ts', /pure room imports only itself/],
  ['lib/otlp/planted.ts', '#lib/operations/sign-in.ts', /run downhill/],
  ['lib/webhook/planted.ts', '@platformatic/kafka', /Only lib\/brokers\/kafka imports a Kafka client/],
  ['lib/decoding/planted.ts', '#lib/operations/sign-in.ts', /run downhill/],
  ['lib/schema-registry/planted.ts', '#app/web.ts', /run downhill/],
  ['lib/access/planted.ts', '@prisma/client', /Only lib\/store imports Prisma/],
  ['lib/brokers/kafka/planted.ts', '#lib/store/store.ts', /Kafka adapter knows only the port/],
  ['lib/store/planted.ts', '#lib/brokers/registry.ts', /the store knows only/],
  ['lib/operations/planted.ts', '#app/web.ts', /operations are below app/],
  ['lib/operations/planted-client.ts', 'kafkajs', /Only lib\/brokers\/kafka imports a Kafka client/],
  ['app/planted.ts', '#lib/operations/broker/replay.ts', /never holds a broker connection/],
  ['app/api/planted.ts', '../../collectors/loop.ts', /app and collectors never import each other/],
  ['components/planted.tsx', '#lib/brokers/registry.ts', /never holds a broker connection/],
  ['collectors/planted.ts', '#app/web.ts', /app and collectors never import each other/],
  ['collectors/planted-prisma.ts', '../prisma/generated/client.ts', /Only lib\/store imports Prisma/],
];

function lint(folder: string): Diagnostic[] {
  const ran = spawnSync(process.execPath, [join(PROJECT_DIR, 'node_modules/oxlint/bin/oxlint'), '--format', 'json', '.'], { cwd: folder, encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 });
  return (JSON.parse(ran.stdout) as { diagnostics: Diagnostic[] }).diagnostics;
}

test('an import that runs uphill fails the lint, in every room', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-lint-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(join(PROJECT_DIR, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
  for (const [file, specifier] of PLANTED) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), `import * as planted from '${specifier}';\nexport const used = planted;\n`);
  }
  // And one that runs downhill, which must pass.
  writeFileSync(join(folder, 'lib/lag/allowed.ts'), `import * as words from '#lib/model/lag.ts';\nexport const used = words;\n`);

  const found = lint(folder).filter(({ code }) => code.includes('no-restricted-imports'));
  for (const [file, specifier, says] of PLANTED) {
    const here = found.filter(({ filename }) => filename.endsWith(file));
    assert.ok(here.some(({ message, help }) => says.test(help ?? message)), `${file} may import ${specifier}: ${JSON.stringify(here)}`);
  }
  assert.deepEqual(found.filter(({ filename }) => filename.endsWith('allowed.ts')), []);
});
