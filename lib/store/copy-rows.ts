// Rows in the binary format of COPY (https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-BINARY): a field is its length in four
// bytes, -1 for NULL, and its content in network order. Text arrays of parameters cost both sides three times as much.

const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
/** A number of fields of -1 ends the data. */
const TRAILER = Buffer.from([0xff, 0xff]);
const CHUNK_BYTES = 131_072;
/** 2000-01-01, from which PostgreSQL counts. */
const EPOCH_MS = 946_684_800_000;
const DAY_MS = 86_400_000;
const BYTEA_OID = 17;

/** What a statement takes, of rows that were written apart. */
export function binaryCopy(rows: readonly Buffer[]): Buffer[] {
  return [SIGNATURE, ...rows, TRAILER];
}

/**
 * Rows for one COPY. The fields of a row are written one after the other, each method takes null for NULL; `end` ends it. The bytes are kept
 * outside the heap and are all that is kept: what the rows were made of can go.
 */
export class RowWriter {
  readonly #fields: number;
  readonly #full: Buffer[] = [SIGNATURE];
  #buffer = Buffer.alloc(0);
  #at = 0;
  #fullBytes = 0;
  /** Where each row ends, in bytes after the signature. */
  readonly #ends: number[] = [];

  readonly #chunkBytes: number;

  /**
   * @param fields columns of the statement
   * @param chunkBytes of memory at a time
   */
  constructor(fields: number, chunkBytes: number = CHUNK_BYTES) {
    this.#fields = fields;
    this.#chunkBytes = chunkBytes;
  }

  begin(): void {
    this.#room(2);
    this.#at = this.#buffer.writeInt16BE(this.#fields, this.#at);
  }

  end(): void {
    this.#ends.push(this.#fullBytes + this.#at);
  }

  int2(value: number | null): void {
    this.#room(6);
    if (value === null) return this.#null();
    this.#at = this.#buffer.writeInt32BE(2, this.#at);
    this.#at = this.#buffer.writeInt16BE(value, this.#at);
  }

  int4(value: number | null): void {
    this.#room(8);
    if (value === null) return this.#null();
    this.#at = this.#buffer.writeInt32BE(4, this.#at);
    this.#at = this.#buffer.writeInt32BE(value, this.#at);
  }

  int8(value: bigint | null): void {
    this.#room(12);
    if (value === null) return this.#null();
    this.#at = this.#buffer.writeInt32BE(8, this.#at);
    this.#at = this.#buffer.writeBigInt64BE(value, this.#at);
  }

  bool(value: boolean | null): void {
    this.#room(5);
    if (value === null) return this.#null();
    this.#at = this.#buffer.writeInt32BE(1, this.#at);
    this.#at = this.#buffer.writeUInt8(value ? 1 : 0, this.#at);
  }

  timestamptz(value: Date | null): void {
    this.int8(value === null ? null : BigInt(value.getTime() - EPOCH_MS) * 1_000n);
  }

  /** The day of a time, in UTC. */
  date(value: Date | null): void {
    this.int4(value === null ? null : Math.floor((value.getTime() - EPOCH_MS) / DAY_MS));
  }

  /** Must hold no NUL, which PostgreSQL's text does not know. */
  text(value: string | null): void {
    this.#room(4 + 3 * (value?.length ?? 0));
    if (value === null) return this.#null();
    const bytes = this.#buffer.write(value, this.#at + 4, 'utf8');
    this.#buffer.writeInt32BE(bytes, this.#at);
    this.#at += 4 + bytes;
  }

  /** JSON text for a column of type jsonb, free of NUL. */
  jsonb(value: string | null): void {
    this.#room(5 + 3 * (value?.length ?? 0));
    if (value === null) return this.#null();
    const bytes = this.#buffer.write(value, this.#at + 5, 'utf8');
    this.#buffer.writeInt32BE(bytes + 1, this.#at);
    this.#buffer.writeUInt8(1, this.#at + 4); // version of the format
    this.#at += 5 + bytes;
  }

  /** Hex digits for a column of type bytea. */
  hex(value: string | null): void {
    this.#room(4 + (value?.length ?? 0) / 2);
    if (value === null) return this.#null();
    const bytes = this.#buffer.write(value, this.#at + 4, 'hex');
    this.#buffer.writeInt32BE(bytes, this.#at);
    this.#at += 4 + bytes;
  }

  bytea(value: Uint8Array | null): void {
    this.#room(4 + (value?.length ?? 0));
    if (value === null) return this.#null();
    this.#at = this.#buffer.writeInt32BE(value.length, this.#at);
    this.#buffer.set(value, this.#at);
    this.#at += value.length;
  }

  byteaArray(values: readonly (Uint8Array | null)[]): void {
    this.#room(24);
    let bytes = values.length === 0 ? 12 : 20;
    for (const value of values) bytes += 4 + (value?.length ?? 0);
    this.#at = this.#buffer.writeInt32BE(bytes, this.#at);
    this.#at = this.#buffer.writeInt32BE(values.length === 0 ? 0 : 1, this.#at); // dimensions
    this.#at = this.#buffer.writeInt32BE(values.includes(null) ? 1 : 0, this.#at);
    this.#at = this.#buffer.writeInt32BE(BYTEA_OID, this.#at);
    if (values.length === 0) return;
    this.#at = this.#buffer.writeInt32BE(values.length, this.#at);
    this.#at = this.#buffer.writeInt32BE(1, this.#at); // first index
    for (const value of values) this.bytea(value);
  }

  /** Words without places; each once. */
  tsvector(words: readonly string[]): void {
    let most = 8;
    for (const word of words) most += 3 * word.length + 3;
    this.#room(most);
    const start = this.#at;
    this.#at = this.#buffer.writeInt32BE(words.length, start + 4);
    for (const word of words) {
      this.#at += this.#buffer.write(word, this.#at, 'utf8');
      this.#at = this.#buffer.writeUInt8(0, this.#at);
      this.#at = this.#buffer.writeUInt16BE(0, this.#at); // number of places
    }
    this.#buffer.writeInt32BE(this.#at - start - 4, start);
  }

  /**
   * What the statement takes: all rows, or those that are wanted.
   * @param wanted by the order in which the rows were written
   */
  chunks(wanted?: (row: number) => boolean): Buffer[] {
    const all = [...this.#full, this.#buffer.subarray(0, this.#at)];
    if (!wanted) return [...all, TRAILER];
    const rows = Buffer.concat(all.slice(1));
    return [SIGNATURE, ...this.#ends.map((end, row) => rows.subarray(this.#ends[row - 1] ?? 0, end)).filter((_, row) => wanted(row)), TRAILER];
  }

  /** The rows alone: binaryCopy makes a statement's data of those of several writers. */
  rows(): Buffer[] {
    return [...this.#full.slice(1), this.#buffer.subarray(0, this.#at)];
  }

  #null(): void {
    this.#at = this.#buffer.writeInt32BE(-1, this.#at);
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    if (this.#at > 0) this.#full.push(this.#buffer.subarray(0, this.#at));
    this.#fullBytes += this.#at;
    this.#buffer = Buffer.allocUnsafe(Math.max(this.#chunkBytes, bytes));
    this.#at = 0;
  }
}
