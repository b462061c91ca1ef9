import { Reader } from '@platformatic/kafka';

/**
 * Reads Kafka's wire types (compact forms, KIP-482) from one contiguous copy of an answer. The library's reader looks for the right network chunk at
 * every field: at 50,000 partitions an answer that is most of the time.
 */
export class AnswerReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(chunks: Reader) {
    this.#bytes = chunks.buffer.slice(chunks.position, chunks.length);
  }

  int16(): number {
    const value = this.#bytes.readInt16BE(this.#at);
    this.#at += 2;
    return value;
  }

  int32(): number {
    const value = this.#bytes.readInt32BE(this.#at);
    this.#at += 4;
    return value;
  }

  int64(): bigint {
    const value = this.#bytes.readBigInt64BE(this.#at);
    this.#at += 8;
    return value;
  }

  skip(bytes: number): void {
    this.#at += bytes;
  }

  unsignedVarInt(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#bytes.readUInt8(this.#at);
      this.#at += 1;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError('the answer holds a number that is too long');
  }

  /** "" for null as well. */
  string(): string {
    const length = this.unsignedVarInt() - 1;
    if (length <= 0) return '';
    this.#at += length;
    if (this.#at > this.#bytes.length) throw new RangeError('the answer ends too early');
    return this.#bytes.toString('utf8', this.#at - length, this.#at);
  }

  skipString(): void {
    // In two steps: `+=` takes the place before the length is read.
    const length = this.unsignedVarInt();
    this.#at += Math.max(0, length - 1);
  }

  /** How many items follow; 0 for a null array. */
  count(): number {
    const count = this.unsignedVarInt() - 1;
    if (count > this.#bytes.length - this.#at) throw new RangeError('the answer claims more items than it has bytes');
    return Math.max(0, count);
  }

  skipTags(): void {
    for (let left = this.unsignedVarInt(); left > 0; left -= 1) {
      this.unsignedVarInt();
      const length = this.unsignedVarInt();
      this.#at += length;
    }
  }
}

/** The library's reader over one contiguous copy, for answers that are small enough to be read by it. */
export function flat(reader: Reader): Reader {
  return Reader.from(reader.buffer.slice(reader.position, reader.length));
}
