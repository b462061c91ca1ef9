import { EDITABLE_PARTS, type EditablePart, type RecordBytes, type ReplayHeader } from '#lib/model/replay.ts';

/** What a person changed; what is left out stays as it is, byte for byte. */
export interface RecordEdit {
  key?: Buffer | null;
  value?: Buffer | null;
  /** The headers from now on, in order: those of the original by their place, and new ones. */
  headers?: readonly ({ original: number } | { name: Buffer; value: Buffer | null })[];
}

/** The edited record and what of it differs from the original. The original is not touched. */
export function editRecord(original: RecordBytes, edit: RecordEdit): { record: RecordBytes; changed: EditablePart[] } {
  const record: RecordBytes = {
    key: edit.key === undefined ? original.key : edit.key,
    value: edit.value === undefined ? original.value : edit.value,
    headers: edit.headers === undefined ? original.headers : edit.headers.flatMap((one): ReplayHeader[] => ('original' in one ? original.headers.slice(one.original, one.original + 1) : [[one.name, one.value]])),
  };
  const same: Record<EditablePart, boolean> = {
    key: sameBytes(record.key, original.key),
    value: sameBytes(record.value, original.value),
    headers: record.headers.length === original.headers.length && record.headers.every(([name, value], index) => sameBytes(name, original.headers[index]![0]) && sameBytes(value, original.headers[index]![1])),
  };
  return { record, changed: EDITABLE_PARTS.filter((part) => !same[part]) };
}

function sameBytes(a: Buffer | null, b: Buffer | null): boolean {
  return a === null || b === null ? a === b : a.equals(b);
}

/**
 * Bytes as text that a person can edit and that comes out as the same bytes where nothing is changed; null where they are not UTF-8, or hold
 * control characters that no editor keeps.
 */
export function editableText(bytes: Uint8Array): string | null {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
  // oxlint-disable-next-line no-control-regex -- control characters are exactly what is looked for
  return /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text) ? null : text;
}

/** Line ends of a text. A browser's editor knows one kind: with the others a text can come back as it was only if all are of one kind. */
export function lineEndsOf(text: string): 'lf' | 'crlf' | 'mixed' {
  const returns = text.split('\r').length - 1;
  if (returns === 0) return 'lf';
  const pairs = text.split('\r\n').length - 1;
  return pairs === returns && text.split('\n').length - 1 === pairs ? 'crlf' : 'mixed';
}
