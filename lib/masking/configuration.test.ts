import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { loadConfig } from '#lib/config.ts';

function load(t: { after: (hook: () => void) => void }, lines: readonly string[]): ReturnType<typeof loadConfig> {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-masking-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'waybill.config.yaml'), ['clusters:', '  - { name: a, brokers: ["b:1"] }', ...lines].join('\n'));
  return loadConfig({ NODE_ENV: 'test' }, folder);
}

it('rules of masking come from the file or from the environment, and there are none unless somebody writes some', (t) => {
  const rules = [{ topics: ['pay*'], headers: ['x'], values: ["$.card['the number']"], key: true }];
  assert.deepEqual(load(t, ['masking:', `  - ${JSON.stringify(rules[0])}`]).masking, rules);
  assert.deepEqual(load(t, []).masking, []);
  assert.deepEqual(loadConfig({ NODE_ENV: 'test', WAYBILL_MASK_HEADERS: 'authorization, x-*', WAYBILL_MASK_VALUES: '$..iban' }, '/nonexistent').masking, [{ headers: ['authorization', 'x-*'], values: ['$..iban'] }]);
});

it('a rule that can not be kept is refused at start, with its line and a sentence', (t) => {
  const refused = (lines: readonly string[], message: RegExp) => assert.throws(() => load(t, lines), { code: 'config-invalid', message });
  refused(['masking:', '  - values:', '      - $.fine', '      - $.card[?(@.x)]'], /waybill\.config\.yaml:6: masking\.0\.values\.1: "\$\.card\[\?\(@\.x\)\]" is not a JSON path Waybill can use: "\[\?\(@\.x\)\]" is none of \.name/u);
  refused(['masking:', '  - topics: [a]'], /:4: masking\.0: a rule says what it hides: headers, values or key: true/u);
  refused(['masking:', '  - { header: x }'], /masking\.0/u);
  refused(['masking:', '  - { headers: [] }'], /masking\.0\.headers/u);
  assert.throws(() => loadConfig({ NODE_ENV: 'test', WAYBILL_MASK_VALUES: 'card' }, '/nonexistent'), { code: 'config-invalid', message: /^WAYBILL_MASK_VALUES: "card" is not a JSON path Waybill can use: it begins with \$/u });
});

it('home-made headers that name no single place, or by which nothing could be recognised, are refused', (t) => {
  const headers = (yaml: string) => () => loadClusters(t, yaml);
  assert.doesNotThrow(headers('{ topic: { header: failure, path: $.from }, offset: { header: o, format: binary } }'));
  assert.throws(headers('{ topic: { header: failure, path: "$.*" } }'), { code: 'config-invalid' });
  assert.throws(headers('{ offset: o }'), { code: 'config-invalid', message: /name the header of the origin topic, or one that tells the error/u });
  assert.throws(headers('{ topic: { header: t, format: binary } }'), { code: 'config-invalid' });
});

function loadClusters(t: Parameters<typeof load>[0], headers: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-headers-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'waybill.config.yaml'), `clusters:\n  - name: a\n    brokers: ["b:1"]\n    deadLetters:\n      headers: ${headers}\n`);
  loadConfig({ NODE_ENV: 'test' }, folder);
}
