import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig } from '#lib/config.ts';
import { maySend, type RequestsBySource } from './allow-sender.ts';

const config = (env: Record<string, string>) => loadConfig({ NODE_ENV: 'test', ...env }, '/nowhere');

test('a receiver without tokens takes from everybody, one with tokens only from who has one, whichever it is', () => {
  const requests: RequestsBySource = Object.create(null) as RequestsBySource;
  assert.equal(maySend(undefined, config({}), requests), true);
  const both = config({ OTLP_TOKEN: 'for-everybody', WAYBILL_OTLP_SOURCES: 'shop:shop-token-1, billing:a:b=c-token' });
  for (const authorization of ['Bearer for-everybody', 'bearer shop-token-1', 'Bearer shop-token-1', 'Bearer a:b=c-token']) assert.equal(maySend(authorization, both, requests), true, authorization);
  for (const authorization of [undefined, '', 'Bearer ', 'Bearer shop', 'Bearer shop:shop-token-1', 'Basic shop-token-1', 'Bearer shop-token-1x']) assert.equal(maySend(authorization, both, requests), false, authorization);
  assert.deepEqual({ ...requests }, { shop: 2, billing: 1 });
  // Taken away from one source, the others go on.
  const less = config({ WAYBILL_OTLP_SOURCES: 'billing:a:b=c-token' });
  assert.deepEqual([maySend('Bearer shop-token-1', less, requests), maySend('Bearer a:b=c-token', less, requests)], [false, true]);
});

test('tokens of sources that cannot be meant are refused with the variable and never shown', () => {
  for (const text of ['shop', 'shop:', ':secret-token', 'shop:secret token', 'shop:secret-token,shop:other-token', 'sh op:secret-token', 'shop:short']) {
    assert.throws(() => config({ WAYBILL_OTLP_SOURCES: text }), (error: Error) => /WAYBILL_OTLP_SOURCES/.test(error.message) && !/secret|other|short/.test(error.message), text);
  }
});
