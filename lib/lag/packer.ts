const MAX_ENTRIES = 1_000_000;

/** Writes numbers as LEB128 into a buffer that grows. */
export class Packer {
  #buffer: Buffer;
  #at = 0;

  constructor(size: number) {
    this.#buffer = Buffer.allocUnsafe(size);
  }

  /** A small number, below 2^31. */
  number(value: number): void {
    this.#reserve(5);
    let rest = value;
    while (rest >= 0x80) {
      this.#buffer[this.#at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#buffer[this.#at++] = rest;
  }

  unsigned(value: bigint): void {
    this.#reserve(10);
    let rest = value;
    while (rest >= 0x80n) {
      this.#buffer[this.#at++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#buffer[this.#at++] = Number(rest);
  }

  /** Zigzag: small negative numbers stay short. */
  signed(value: bigint): void {
    this.unsigned(value >= 0n ? value << 1n : (-value << 1n) - 1n);
  }

  bytes(): Buffer {
    return Buffer.from(this.#buffer.subarray(0, this.#at));
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    this.#buffer = Buffer.concat([this.#buffer, Buffer.allocUnsafe(this.#buffer.length + bytes)]);
  }
}

/** Reads what a Packer wrote. Bytes from a store are not trusted: every count and length is bounded. */
export class Unpacker {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** @returns how many entries follow the version */
  header(expected: number): number {
    const version = this.number();
    if (version !== expected) throw new RangeError(`packed offsets of version ${version} are not known here`);
    const count = this.number();
    if (count > MAX_ENTRIES) throw new RangeError('packed offsets claim more entries than any can have');
    return count;
  }

  /** Without bigint, which costs ten times as much: exact below 2^53, rounded above. */
  number(): number {
    let value = 0;
    let scale = 1;
    for (let bytes = 0; bytes < 11; bytes += 1) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new RangeError('packed offsets end too early');
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    throw new RangeError('packed offsets hold a number that is too long');
  }

  /** A signed number, as `number` reads it. */
  signedNumber(): number {
    const value = this.number();
    return value % 2 === 0 ? value / 2 : -((value + 1) / 2);
  }

  unsigned(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 77n; shift += 7n) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new RangeError('packed offsets end too early');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError('packed offsets hold a number that is too long');
  }

  signed(): bigint {
    const value = this.unsigned();
    return (value & 1n) === 0n ? value >> 1n : -((value + 1n) >> 1n);
  }
}
