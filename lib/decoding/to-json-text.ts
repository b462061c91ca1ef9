/**
 * JSON text of a decoded value, at most `most` characters of it: bigint as digits, bytes as base64, Map as an object, NaN and Infinity as strings.
 * A text that was cut is no JSON any more and is to be shown as text.
 */
export function toJsonText(value: unknown, most: number): { json: string; truncated: boolean } {
  const out: string[] = [];
  let length = 0;
  const put = (text: string): boolean => {
    out.push(text);
    length += text.length;
    return length <= most;
  };
  const write = (item: unknown): boolean => {
    if (item === null || item === undefined) return put('null');
    if (typeof item === 'bigint') return put(item.toString());
    if (typeof item === 'number') return put(Number.isFinite(item) ? JSON.stringify(item) : `"${item}"`);
    if (typeof item === 'string') return put(JSON.stringify(item.length > most ? item.slice(0, most) : item));
    if (typeof item === 'boolean') return put(String(item));
    if (item instanceof Uint8Array) return put(JSON.stringify(Buffer.from(item.subarray(0, most)).toString('base64')));
    if (Array.isArray(item)) return all('[', ']', item, write);
    const entries = item instanceof Map ? [...(item as Map<unknown, unknown>)] : Object.entries(item);
    return all('{', '}', entries, ([key, inner]: [unknown, unknown]) => put(`${JSON.stringify(String(key))}:`) && write(inner));
  };
  function all<Item>(open: string, close: string, items: readonly Item[], one: (item: Item) => boolean): boolean {
    if (!put(open)) return false;
    for (const [index, item] of items.entries()) if ((index > 0 && !put(',')) || !one(item)) return false;
    return put(close);
  }
  const whole = write(value);
  const json = out.join('');
  return whole ? { json, truncated: false } : { json: json.slice(0, most), truncated: true };
}
