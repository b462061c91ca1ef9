import { WaybillError } from '#lib/errors.ts';

/** Where a page of messages stopped: positions by partition, of one incarnation of a topic, read in one order. */
export interface BrowseCursor {
  topicRowId: number;
  order: 'newest' | 'oldest';
  positions: readonly (readonly [partition: number, offset: string])[];
}

const VERSION = 1;

/** Cursor text. Varints, because hundreds of partitions must fit into an address. */
export function encodeBrowseCursor(cursor: BrowseCursor): string {
  const bytes: number[] = [];
  const put = (value: bigint) => {
    let left = value;
    for (; left >= 0x80n; left >>= 7n) bytes.push(Number(left & 0x7fn) | 0x80);
    bytes.push(Number(left));
  };
  put(BigInt(VERSION));
  put(BigInt(cursor.topicRowId));
  put(cursor.order === 'newest' ? 1n : 0n);
  for (const [partition, offset] of cursor.positions) {
    put(BigInt(partition));
    put(BigInt(offset));
  }
  return Buffer.from(bytes).toString('base64url');
}

/** @throws WaybillError `bad-cursor` 400 where the text is none, or belongs to another incarnation or order */
export function decodeBrowseCursor(text: string, topicRowId: number, order: 'newest' | 'oldest'): [number, string][] {
  const values: bigint[] = [];
  let value = 0n;
  let shift = 0n;
  for (const byte of Buffer.from(text, 'base64url')) {
    value |= BigInt(byte & 0x7f) << shift;
    shift += 7n;
    if (byte < 0x80) {
      values.push(value);
      value = 0n;
      shift = 0n;
    } else if (shift > 63n) throw badCursor();
  }
  const [version, row, direction, ...rest] = values;
  if (version !== BigInt(VERSION) || shift !== 0n || rest.length % 2 !== 0 || direction !== (order === 'newest' ? 1n : 0n)) throw badCursor();
  if (row !== BigInt(topicRowId)) throw new WaybillError('bad-cursor', 'The topic was deleted and created again since: its offsets are others now. Start without a cursor.');
  return Array.from({ length: rest.length / 2 }, (_, index) => [Number(rest[2 * index]), String(rest[2 * index + 1])]);
}

function badCursor(): WaybillError {
  return new WaybillError('bad-cursor', 'The cursor is not one that this list gave in this order. Start without one.');
}
