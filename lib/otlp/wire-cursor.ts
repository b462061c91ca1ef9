import { OtlpRefusal } from './refusal.ts';
import { limits } from './limits.ts';

const slots = 8_192;
const internedLength = 96;
/** ASCII without NUL only: its bytes are its characters, so that nothing else has to be kept to compare with. */
const table: string[] = Array.from({ length: slots }, () => '');

/**
 * Reads protobuf wire format from a buffer, never beyond the end of the message it is in.
 *
 * Own code instead of protobufjs' Reader because attribute keys and values repeat in every span: a direct-mapped table of
 * strings makes decoding about three times faster (bench/spans.ts), and every length is checked against the enclosing
 * message, so a lying length is a refusal and never a read of a neighbour's bytes.
 * Source: protobuf.dev/programming-guides/encoding.
 */
export class WireCursor {
  readonly buffer: Buffer;
  position = 0;

  constructor(buffer: Buffer) {
    this.buffer = buffer;
  }

  /** Field number and wire type as one number (number << 3 | type). @throws OtlpRefusal 400 */
  tag(end: number): number {
    const tag = this.varint32(end);
    if (tag >>> 3 === 0) throw malformed('a field number of 0');
    return tag;
  }

  /** The low 32 bits of a varint, unsigned. @throws OtlpRefusal 400 */
  varint32(end: number): number {
    const { buffer } = this;
    let result = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.position >= end) throw malformed('a number that is cut off');
      const byte = buffer[this.position++]!;
      if (shift < 28) result |= (byte & 0x7f) << shift;
      else if (shift === 28) result |= (byte & 0x0f) << 28;
      if (byte < 0x80) return result >>> 0;
    }
    throw malformed('a number of more than ten bytes');
  }

  /** A varint as signed 64-bit. @throws OtlpRefusal 400 */
  varint64(end: number): bigint {
    const { buffer } = this;
    let low = 0;
    let high = 0n;
    for (let index = 0; index < 10; index++) {
      if (this.position >= end) throw malformed('a number that is cut off');
      const byte = buffer[this.position++]!;
      if (index < 4) low += (byte & 0x7f) * 2 ** (index * 7);
      else high |= BigInt(byte & 0x7f) << BigInt(index * 7);
      if (byte < 0x80) return BigInt.asIntN(64, high | BigInt(low));
    }
    throw malformed('a number of more than ten bytes');
  }

  /** @throws OtlpRefusal 400 */
  fixed64(end: number): bigint {
    if (this.position + 8 > end) throw malformed('a number that is cut off');
    const value = this.buffer.readBigUInt64LE(this.position);
    this.position += 8;
    return value;
  }

  /** @throws OtlpRefusal 400 */
  double(end: number): number {
    if (this.position + 8 > end) throw malformed('a number that is cut off');
    const value = this.buffer.readDoubleLE(this.position);
    this.position += 8;
    return value;
  }

  /** Reads a length and returns the position where that part ends. @throws OtlpRefusal 400 */
  enclosed(end: number): number {
    const length = this.varint32(end);
    const inner = this.position + length;
    if (inner > end) throw malformed('a part that is longer than what it is in');
    return inner;
  }

  /** A copy of at most limits.text bytes: a view would keep the whole body alive. */
  bytes(end: number): Buffer {
    const inner = this.enclosed(end);
    const value = Buffer.from(this.buffer.subarray(this.position, Math.min(inner, this.position + limits.text)));
    this.position = inner;
    return value;
  }

  hex(end: number): string {
    const inner = this.enclosed(end);
    // An id is 8 or 16 bytes; of anything longer only enough is kept to know that it is not one.
    const value = this.buffer.toString('hex', this.position, Math.min(inner, this.position + 33));
    this.position = inner;
    return value;
  }

  /** Text of at most `most` UTF-16 units; NUL, which PostgreSQL cannot store, becomes U+FFFD. */
  text(end: number, most: number = limits.text): string {
    const inner = this.enclosed(end);
    const from = this.position;
    this.position = inner;
    const length = inner - from;
    if (length === 0) return '';
    if (length > internedLength) {
      // Four bytes a character at most: no need to decode a megabyte to keep 32 k of it.
      return clean(this.buffer.toString('utf8', from, Math.min(inner, from + most * 4)), most);
    }
    const { buffer } = this;
    let hash = length;
    let isPlain = true;
    for (let index = from; index < inner; index++) {
      const byte = buffer[index]!;
      hash = (Math.imul(hash, 31) + byte) | 0;
      if (byte === 0 || byte > 0x7f) isPlain = false;
    }
    if (!isPlain) return clean(buffer.toString('utf8', from, inner), most);
    const slot = (hash ^ (hash >>> 15)) & (slots - 1);
    const found = table[slot]!;
    if (found.length === length) {
      let index = 0;
      while (index < length && found.charCodeAt(index) === buffer[from + index]) index++;
      if (index === length) return found;
    }
    return (table[slot] = buffer.toString('latin1', from, inner));
  }

  /** Skips a field that this receiver does not know. @throws OtlpRefusal 400 */
  skip(tag: number, end: number): void {
    switch (tag & 7) {
      case 0:
        this.varint32(end);
        return;
      case 1:
        this.advance(8, end);
        return;
      case 2:
        this.position = this.enclosed(end);
        return;
      case 5:
        this.advance(4, end);
        return;
      default:
        // Groups (3, 4) have been deprecated since proto2; OTLP has none.
        throw malformed(`wire type ${tag & 7}`);
    }
  }

  private advance(count: number, end: number): void {
    if (this.position + count > end) throw malformed('a number that is cut off');
    this.position += count;
  }
}

/** Well-formed text without NUL, cut to `most` UTF-16 units. */
export function clean(text: string, most: number): string {
  let result = text.length > most ? text.slice(0, most) : text;
  if (result.includes('\0')) result = result.replaceAll('\0', '\uFFFD');
  return result.isWellFormed() ? result : result.toWellFormed();
}

function malformed(what: string): OtlpRefusal {
  return new OtlpRefusal(400, `The body is not an ExportTraceServiceRequest in protobuf: ${what}.`);
}
