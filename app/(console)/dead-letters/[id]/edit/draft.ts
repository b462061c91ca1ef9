import { findJsonFault, type JsonFault } from '#lib/decoding/find-json-fault.ts';
import type { WireEditable } from '#lib/operations/edit-wire.ts';

/** A header as it stands in the editor: one of the dead letter's, or a new one. */
export interface DraftHeader {
  id: number;
  /** Place in the dead letter; null: it is new. */
  original: number | null;
  name: string;
  value: string;
  isNull: boolean;
  removed: boolean;
}

export interface Draft {
  value: string;
  valueIsNull: boolean;
  key: string;
  keyIsNull: boolean;
  headers: DraftHeader[];
  format: 'json' | 'text';
}

/** Parts of the request that edit something; what is not in it stays as it is. */
export interface DraftEdit {
  value?: { text: string } | null;
  key?: { text: string } | null;
  headers?: ({ original: number } | { name: string; value: string | null })[];
}

/** The editor's first state. A browser's editor knows one kind of line end: the others are put back by `editOf`. */
export function draftOf(editable: WireEditable): Draft {
  return {
    value: (editable.value.text ?? '').replaceAll('\r\n', '\n'),
    valueIsNull: editable.value.isNull,
    key: editable.key.text ?? '',
    keyIsNull: editable.key.isNull,
    headers: editable.headers.map((one) => ({ id: one.original, original: one.original, name: one.name, value: one.text ?? '', isNull: one.isNull, removed: false })),
    format: editable.value.format,
  };
}

/** Why the value cannot be edited in a browser; null: it can. */
export function valueRefusal({ value }: WireEditable): string | null {
  return value.refusal ?? (value.lineEnds === 'mixed' ? 'Its line ends are of several kinds, which a browser’s editor would make one. The API takes the text as it is.' : null);
}

/** The text that is sent for the value. */
export function valueTextOf(draft: Draft, editable: WireEditable): string {
  return editable.value.lineEnds === 'crlf' ? draft.value.replaceAll('\n', '\r\n') : draft.value;
}

/** What differs from the dead letter. */
export function editOf(draft: Draft, editable: WireEditable): DraftEdit {
  const edit: DraftEdit = {};
  const text = valueTextOf(draft, editable);
  if (draft.valueIsNull !== editable.value.isNull || (!draft.valueIsNull && valueRefusal(editable) === null && text !== (editable.value.text ?? ''))) edit.value = draft.valueIsNull ? null : { text };
  if (draft.keyIsNull !== editable.key.isNull || (!draft.keyIsNull && editable.key.refusal === null && draft.key !== (editable.key.text ?? ''))) edit.key = draft.keyIsNull ? null : { text: draft.key };
  const kept = draft.headers.filter((one) => !one.removed);
  const headers = kept.map((one) => {
    const was = one.original === null ? null : editable.headers[one.original];
    return was && isSame(one, was) ? { original: was.original } : { name: one.name, value: one.isNull ? null : one.value };
  });
  if (kept.length !== editable.headers.length || headers.some((one, index) => !('original' in one) || one.original !== index)) edit.headers = headers;
  return edit;
}

/** The first place where the value is not JSON, where it has to be. */
export function faultOf(draft: Draft): JsonFault | null {
  return draft.valueIsNull || draft.format === 'text' ? null : findJsonFault(draft.value.startsWith('\uFEFF') ? draft.value.slice(1) : draft.value);
}

/** Headers as lines, for the difference. Bytes that are not text are named by their size. */
export function headerLines(headers: readonly DraftHeader[], editable: WireEditable): string {
  return headers
    .filter((one) => !one.removed)
    .map((one) => {
      const was = one.original === null ? null : editable.headers[one.original];
      return `${one.name}: ${one.isNull ? '(null)' : was && was.text === null && !was.isNull ? `(${was.bytes} bytes)` : one.value}\n`;
    })
    .join('');
}

function isSame(one: DraftHeader, was: WireEditable['headers'][number]): boolean {
  return one.name === was.name && one.isNull === was.isNull && (one.isNull || was.text === null || one.value === was.text);
}
