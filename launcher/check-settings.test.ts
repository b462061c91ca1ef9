import assert from 'node:assert/strict';
import test from 'node:test';
import { checkPublicUrl, isLoopback } from './check-settings.ts';

test('the loopback address may be plain http', () => {
  for (const host of ['127.0.0.1', '127.8.8.8', 'localhost', '::1', '[::1]']) {
    assert.ok(isLoopback(host), host);
    checkPublicUrl({ host, publicUrl: 'http://localhost:3000' }, {} as NodeJS.ProcessEnv);
  }
});

test('every other address needs https in front', () => {
  for (const host of ['0.0.0.0', '::', '10.0.0.5', 'waybill.internal', '127.0.0.1.example.com', '1270.0.0.1']) {
    assert.ok(!isLoopback(host), host);
    assert.throws(() => checkPublicUrl({ host, publicUrl: 'http://localhost:3000' }, {} as NodeJS.ProcessEnv), { code: 'public-url-required' }, host);
    checkPublicUrl({ host, publicUrl: 'https://waybill.example.com' }, {} as NodeJS.ProcessEnv);
  }
});

test('a container may say that its port is published on the loopback address, but then its public URL has to be there too', () => {
  const env = { WAYBILL_BEHIND_LOOPBACK: '1' } as unknown as NodeJS.ProcessEnv;
  checkPublicUrl({ host: '0.0.0.0', publicUrl: 'http://localhost:3000' }, env);
  assert.throws(() => checkPublicUrl({ host: '0.0.0.0', publicUrl: 'http://waybill.example.com' }, env), { code: 'public-url-required' });
});
