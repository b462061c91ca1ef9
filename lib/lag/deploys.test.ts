import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploysOf } from './deploys.ts';

const seen = (...rows: [number, string, string?][]) => rows.map(([minute, version, service = 'billing']) => ({ service, version, atMs: minute * 60_000 }));

test('the first version is no deploy, another one is, and more instances of it are not', () => {
  assert.deepEqual(deploysOf(seen([0, '1.0'], [1, '1.0'], [30, '1.1'], [31, '1.1'])), [{ service: 'billing', atMs: 30 * 60_000, from: '1.0', to: '1.1' }]);
});

test('old instances that start while a deploy rolls out are part of it; going back later is a deploy of its own', () => {
  assert.deepEqual(
    deploysOf(seen([0, '1.0'], [30, '1.1'], [32, '1.0'], [33, '1.1'], [90, '1.0'])).map((one) => [one.atMs / 60_000, one.to]),
    [[30, '1.1'], [90, '1.0']],
  );
});

test('each service has versions of its own', () => {
  assert.deepEqual(deploysOf(seen([0, '1.0'], [1, '7', 'mail'], [2, '8', 'mail'])).map((one) => one.service), ['mail']);
});
