import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { WaybillError } from '#lib/errors.ts';

// Layout: version (1) | key id (8) | nonce (12) | tag (16) | ciphertext
const VERSION = 1;
const KEY_ID_BYTES = 8;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + KEY_ID_BYTES + NONCE_BYTES + TAG_BYTES;

export interface SecretKey {
  id: Buffer;
  key: Buffer;
}

/**
 * The key of WAYBILL_SECRET_KEY: 32 bytes in base64 (or base64url) or in hex.
 * @throws WaybillError secret-key-invalid; a pass phrase is refused, because stretching it here would only look safe
 */
export function parseSecretKey(text: string): SecretKey {
  const trimmed = text.trim();
  const key = /^[0-9a-fA-F]{64}$/.test(trimmed) ? Buffer.from(trimmed, 'hex') : Buffer.from(trimmed, 'base64');
  if (key.byteLength !== 32) {
    throw new WaybillError('secret-key-invalid', 'WAYBILL_SECRET_KEY must be 32 random bytes in base64 or hex; make one with: openssl rand -base64 32', { status: 500 });
  }
  return { id: createHash('sha256').update('waybill secret key id\0').update(key).digest().subarray(0, KEY_ID_BYTES), key };
}

/**
 * Encrypts a stored secret with AES-256-GCM.
 * @param row what the secret belongs to, such as "webhook_endpoint:<id>:secret": authenticated, so that a value copied to another row does not open
 */
export function sealSecret(key: SecretKey, row: string, plaintext: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key.key, nonce);
  cipher.setAAD(Buffer.from(row, 'utf8'));
  const body = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
  return Buffer.concat([Buffer.from([VERSION]), key.id, nonce, cipher.getAuthTag(), body]);
}

/** The id of the key that closed a sealed value; nothing is opened for it. */
export function sealedKeyId(sealed: Uint8Array): Buffer {
  return Buffer.from(sealed.subarray(1, 1 + KEY_ID_BYTES));
}

/**
 * Opens what sealSecret closed. `keys`: the current key first, then retired ones that old rows may still need.
 * @throws WaybillError secret-key-mismatch where no key fits, secret-damaged where the bytes or the row are not the ones sealed
 */
export function openSecret(keys: readonly SecretKey[], row: string, sealed: Uint8Array): string {
  const bytes = Buffer.from(sealed);
  if (bytes.byteLength < HEAD_BYTES || bytes[0] !== VERSION) {
    throw new WaybillError('secret-damaged', 'A stored secret is damaged; enter it again.', { status: 500 });
  }
  const id = sealedKeyId(bytes);
  const key = keys.find((candidate) => candidate.id.equals(id));
  if (key === undefined) {
    throw new WaybillError('secret-key-mismatch', 'A stored secret was sealed with another WAYBILL_SECRET_KEY.', { status: 500 });
  }
  const nonce = bytes.subarray(1 + KEY_ID_BYTES, 1 + KEY_ID_BYTES + NONCE_BYTES);
  const tag = bytes.subarray(HEAD_BYTES - TAG_BYTES, HEAD_BYTES);
  try {
    const decipher = createDecipheriv('aes-256-gcm', key.key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(row, 'utf8'));
    decipher.setAuthTag(tag);
    return Buffer.concat([decipher.update(bytes.subarray(HEAD_BYTES)), decipher.final()]).toString('utf8');
  } catch {
    throw new WaybillError('secret-damaged', 'A stored secret is damaged or belongs to another row; enter it again.', { status: 500 });
  }
}
