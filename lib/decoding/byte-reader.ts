/** What could not be decoded, in a sentence. */
export class DecodingError extends Error {
  override readonly name = 'DecodingError';
}

/** Bytes read one after another; reading past their end is a DecodingError. Counts what it made, so that a few bytes cannot become a large value. */
export class ByteReader {
  at = 0;
  readonly bytes: Uint8Array;
  private readonly view: DataView;
  private left: number;

  /** @param mostItems values, elements and fields that may come out of it */
  constructor(bytes: Uint8Array, mostItems = 200_000) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.left = mostItems;
  }

  get done(): boolean {
    return this.at >= this.bytes.length;
  }

  /** Counts `items` more. @throws DecodingError beyond the bound */
  spend(items = 1): void {
    this.left -= items;
    if (this.left < 0) throw new DecodingError('it holds more values than are decoded here');
  }

  take(length: number): Uint8Array {
    if (length < 0 || this.at + length > this.bytes.length) throw new DecodingError('the bytes end too early');
    const part = this.bytes.subarray(this.at, this.at + length);
    this.at += length;
    return part;
  }

  byte(): number {
    const byte = this.bytes[this.at];
    if (byte === undefined) throw new DecodingError('the bytes end too early');
    this.at += 1;
    return byte;
  }

  /** LEB128, at most 64 bits. */
  varint(): bigint {
    let result = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      result |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, result);
    }
    throw new DecodingError('a number is longer than 64 bits');
  }

  /** LEB128 in zigzag. */
  zigzag(): bigint {
    const value = this.varint();
    return (value >> 1n) ^ -(value & 1n);
  }

  /** A length or count. */
  length(value: bigint): number {
    if (value < 0n || value > BigInt(this.bytes.length)) throw new DecodingError('a length is larger than the record');
    return Number(value);
  }

  float(): number {
    const value = this.view.getFloat32(this.at + this.need(4), true);
    this.at += 4;
    return value;
  }

  double(): number {
    const value = this.view.getFloat64(this.at + this.need(8), true);
    this.at += 8;
    return value;
  }

  fixed32(): number {
    const value = this.view.getUint32(this.at + this.need(4), true);
    this.at += 4;
    return value;
  }

  fixed64(): bigint {
    const value = this.view.getBigUint64(this.at + this.need(8), true);
    this.at += 8;
    return value;
  }

  private need(length: number): 0 {
    if (this.at + length > this.bytes.length) throw new DecodingError('the bytes end too early');
    return 0;
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @throws DecodingError where the bytes are not UTF-8 */
export function asText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new DecodingError('a string is not UTF-8');
  }
}
