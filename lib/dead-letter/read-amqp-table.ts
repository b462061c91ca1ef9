/** A value of an AMQP 0-9-1 field table as RabbitMQ writes it (https://www.rabbitmq.com/amqp-0-9-1-errata, section 3). */
export type AmqpValue = string | bigint | number | boolean | null | Uint8Array | AmqpValue[] | AmqpTable;
export type AmqpTable = Map<string, AmqpValue>;

const MAX_DEPTH = 16;
const MAX_VALUES = 20_000;
const lenient = new TextDecoder('utf-8', { fatal: false });
const strict = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads a field table (without its length prefix). Text that is no UTF-8 stays bytes. What is cut off, unknown, too deep or too much ends
 * the reading: the fields before it are returned. Never throws. Timestamps are seconds, as bigint.
 */
export function readAmqpTable(bytes: Uint8Array): AmqpTable {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let left = MAX_VALUES;

  const table = (from: number, to: number, depth: number): AmqpTable => {
    const found: AmqpTable = new Map();
    let at = from;
    while (at < to) {
      const nameEnd = at + 1 + view.getUint8(at);
      if (nameEnd >= to) break;
      const read = value(nameEnd, to, depth);
      if (read === null) break;
      const name = lenient.decode(bytes.subarray(at + 1, nameEnd));
      // The first of a repeated name counts, as in RabbitMQ itself.
      if (!found.has(name)) found.set(name, read.value);
      at = read.next;
    }
    return found;
  };

  const value = (at: number, to: number, depth: number): { value: AmqpValue; next: number } | null => {
    if (at >= to || depth > MAX_DEPTH || left-- <= 0) return null;
    const start = at + 1;
    const fixed = (length: number, read: () => AmqpValue) => (start + length > to ? null : { value: read(), next: start + length });
    const long = (read: (from: number, end: number) => AmqpValue) => {
      if (start + 4 > to) return null;
      const end = start + 4 + view.getUint32(start);
      return end > to ? null : { value: read(start + 4, end), next: end };
    };
    switch (String.fromCodePoint(view.getUint8(at))) {
      case 't': return fixed(1, () => view.getUint8(start) !== 0);
      case 'b': return fixed(1, () => view.getInt8(start));
      case 'B': return fixed(1, () => view.getUint8(start));
      case 's': return fixed(2, () => view.getInt16(start));
      case 'u': return fixed(2, () => view.getUint16(start));
      case 'I': return fixed(4, () => view.getInt32(start));
      case 'i': return fixed(4, () => view.getUint32(start));
      case 'l': return fixed(8, () => view.getBigInt64(start));
      case 'T': return fixed(8, () => view.getBigUint64(start));
      case 'f': return fixed(4, () => view.getFloat32(start));
      case 'd': return fixed(8, () => view.getFloat64(start));
      case 'D': return fixed(5, () => view.getInt32(start + 1) / 10 ** view.getUint8(start));
      case 'V': return fixed(0, () => null);
      case 'S': return long((from, end) => textOrBytes(bytes.subarray(from, end)));
      case 'x': return long((from, end) => bytes.subarray(from, end));
      case 'F': return long((from, end) => table(from, end, depth + 1));
      case 'A':
        return long((from, end) => {
          const items: AmqpValue[] = [];
          for (let next = from; next < end; ) {
            const read = value(next, end, depth + 1);
            if (read === null) break;
            items.push(read.value);
            next = read.next;
          }
          return items;
        });
      default: return null;
    }
  };
  return table(0, bytes.length, 0);
}

function textOrBytes(value: Uint8Array): AmqpValue {
  try {
    return strict.decode(value);
  } catch {
    return value;
  }
}
