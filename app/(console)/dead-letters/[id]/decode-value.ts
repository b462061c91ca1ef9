export interface DecodedValue {
  bytes: Uint8Array;
  /** null where the bytes are not UTF-8 text. */
  text: string | null;
  /** undefined where the text is not JSON (or a bare word or number, which reads better as text). */
  json: unknown;
  /** Schema id of the registry wire format the bytes start with (0, id int32), where they are not text. */
  wireFormat: number | null;
}

/** A number as it was written, where JavaScript's would show another: 64-bit ids, 12.50. */
export class RawNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** What bytes are: text, JSON, or neither. Never throws. */
export function decodeValue(base64: string): DecodedValue {
  const bytes = Uint8Array.from(atob(base64), (character) => character.codePointAt(0) ?? 0);
  let text: string | null = null;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    // oxlint-disable-next-line no-control-regex -- control characters are exactly what is looked for
    if (/[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/u.test(text)) text = null;
  } catch {
    text = null;
  }
  let json: unknown;
  if (text !== null && /^\s*[[{]/u.test(text)) {
    try {
      // The third argument is missing in older browsers: numbers then show as JavaScript reads them.
      json = JSON.parse(text, ((_key: string, value: unknown, context?: { source?: string }) =>
        typeof value === 'number' && context?.source !== undefined && context.source !== String(value) ? new RawNumber(context.source) : value) as (key: string, value: unknown) => unknown);
    } catch {
      json = undefined;
    }
  }
  const wireFormat = text === null && bytes.length > 5 && bytes[0] === 0 ? new DataView(bytes.buffer).getInt32(1) : null;
  return { bytes, text, json, wireFormat: wireFormat !== null && wireFormat > 0 && wireFormat < 10_000_000 ? wireFormat : null };
}

/** Rows of 16 bytes: offset, hex, and the printable ASCII of it. */
export function hexRows(bytes: Uint8Array): { at: string; hex: string; text: string }[] {
  const rows: { at: string; hex: string; text: string }[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const part = [...bytes.subarray(at, at + 16)];
    rows.push({
      at: at.toString(16).padStart(6, '0'),
      hex: part.map((byte) => byte.toString(16).padStart(2, '0')).join(' ').padEnd(47),
      text: part.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCodePoint(byte) : '.')).join(''),
    });
  }
  return rows;
}
