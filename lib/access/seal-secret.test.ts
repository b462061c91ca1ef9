import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { openSecret, parseSecretKey, sealSecret } from './seal-secret.ts';

const key = parseSecretKey(randomBytes(32).toString('base64'));
const other = parseSecretKey(randomBytes(32).toString('hex'));

describe('sealed secrets', () => {
  it('open again with their key and row, and hold no trace of the text', () => {
    const sealed = sealSecret(key, 'webhook_endpoint:1', 'whsec_geheim');
    assert.equal(sealed.includes('whsec'), false);
    assert.equal(openSecret([key], 'webhook_endpoint:1', sealed), 'whsec_geheim');
    assert.equal(openSecret([other, key], 'webhook_endpoint:1', sealed), 'whsec_geheim');
    assert.notDeepEqual(sealSecret(key, 'webhook_endpoint:1', 'whsec_geheim'), sealed);
  });

  it('do not open for another row, another key or changed bytes', () => {
    const sealed = sealSecret(key, 'webhook_endpoint:1', 'whsec_geheim');
    assert.throws(() => openSecret([key], 'webhook_endpoint:2', sealed), { code: 'secret-damaged' });
    assert.throws(() => openSecret([other], 'webhook_endpoint:1', sealed), { code: 'secret-key-mismatch' });
    for (let index = 0; index < sealed.byteLength; index += 1) {
      const changed = Buffer.from(sealed);
      changed[index] = (changed[index] ?? 0) ^ 1;
      assert.throws(() => openSecret([key], 'webhook_endpoint:1', changed), { name: 'WaybillError' });
    }
    assert.throws(() => openSecret([key], 'webhook_endpoint:1', Buffer.alloc(3)), { code: 'secret-damaged' });
  });

  it('take a key of 32 bytes only', () => {
    for (const text of ['', 'password', randomBytes(16).toString('base64'), randomBytes(33).toString('base64')]) {
      assert.throws(() => parseSecretKey(text), { code: 'secret-key-invalid' });
    }
  });
});
