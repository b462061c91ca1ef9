import { deflateRawSync, inflateRawSync } from 'node:zlib';

const PLAIN = 0;
const DEFLATED = 1;
/** An hour of cycles a second holds 3,600 entries of three columns: a block that wants to be larger than this is none. */
const MAX_PLAIN_BYTES = 4 * 1024 * 1024;

/** A block as it is stored: one byte (0 = plain, 1 = deflated, RFC 1951), then the bytes. Short ones gain nothing by compression. */
export function compressBlock(plain: Buffer): Buffer {
  // A window of 4 KB holds such a block whole, and costs a tenth of the memory that zlib takes otherwise.
  const deflated = plain.length > 64 ? deflateRawSync(plain, { level: 6, memLevel: 5, windowBits: 12 }) : plain;
  const smaller = deflated.length < plain.length;
  return Buffer.concat([Buffer.from([smaller ? DEFLATED : PLAIN]), smaller ? deflated : plain]);
}

/** @throws RangeError where the bytes were not made by compressBlock */
export function inflateBlock(stored: Uint8Array): Uint8Array {
  const method = stored[0];
  if (method !== PLAIN && method !== DEFLATED) throw new RangeError(`a block stored by method ${method} is not known here`);
  const body = stored.subarray(1);
  return method === PLAIN ? body : inflateRawSync(body, { maxOutputLength: MAX_PLAIN_BYTES });
}
