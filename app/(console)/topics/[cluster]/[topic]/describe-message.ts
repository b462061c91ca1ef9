import type { DecodedWire, MessageWire } from '#lib/operations/message-shape.ts';
import { decodeValue } from '../../../dead-letters/[id]/decode-value.ts';

const PREVIEW_CHARS = 300;

/** One line of a key or value, and how it was come by. */
export interface Preview {
  text: string;
  /** null: as it is. */
  kind: 'null' | 'empty' | 'bytes' | 'decoded' | 'error' | null;
}

/** A key or value in one line: decoded where it has a schema, else its text, else its first bytes in hex. */
export function previewOf(base64: string | null, bytes: number | null, decoded: DecodedWire | null): Preview {
  if (bytes === null || base64 === null) return { text: 'null', kind: 'null' };
  if (bytes === 0) return { text: 'empty', kind: 'empty' };
  if (decoded !== null) return 'error' in decoded ? { text: `schema ${decoded.schemaId}: ${decoded.error}`, kind: 'error' } : { text: oneLine(decoded.json), kind: 'decoded' };
  const { text, bytes: first } = decodeCut(base64, bytes);
  if (text !== null) return { text: oneLine(text), kind: null };
  return { text: `${[...first.subarray(0, 24)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')}${bytes > 24 ? ' …' : ''}`, kind: 'bytes' };
}

/** Text of bytes that may have been cut in the middle of a character. */
function decodeCut(base64: string, bytes: number): { text: string | null; bytes: Uint8Array } {
  const whole = decodeValue(base64);
  if (whole.text !== null || whole.bytes.length >= bytes) return whole;
  for (let missing = 1; missing <= 3 && missing < whole.bytes.length; missing += 1) {
    const shorter = decodeValue(btoa(String.fromCodePoint(...whole.bytes.subarray(0, -missing))));
    if (shorter.text !== null) return shorter;
  }
  return whole;
}

function oneLine(text: string): string {
  const line = text.slice(0, PREVIEW_CHARS * 2).replaceAll(/\s+/gu, ' ');
  return line.length > PREVIEW_CHARS ? `${line.slice(0, PREVIEW_CHARS)}…` : line;
}

/** Where a message lies, as the journeys' finder takes it. */
export function coordinateOf(topic: string, message: Pick<MessageWire, 'partition' | 'offset'>): string {
  return `${topic}:${message.partition}@${message.offset}`;
}

/** What the transactions say about a record, in words; null where it is an ordinary one. */
export function visibilityText(visibility: MessageWire['visibility']): { word: string; hint: string } | null {
  switch (visibility) {
    case 'committed':
      return null;
    case 'aborted':
      return { word: 'aborted', hint: 'Its transaction was aborted: read_committed consumers never see this record.' };
    case 'undecided':
      return { word: 'undecided', hint: 'A transaction is open at or before it: read_committed consumers do not see it yet, and may never.' };
  }
}
