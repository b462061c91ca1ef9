import { dialects } from '#lib/dead-letter/dialects.ts';
import type { DeadLetterError, HeaderBytes } from '#lib/model/dead-letter.ts';
import type { RecordMask } from './compile-masking.ts';
import { maskJsonText } from './mask-json-text.ts';
import { MASKED, MASKED_BYTES } from './masked-text.ts';
import { addJsonSecrets, addSecret, MAX_WHOLE_CHARS, noSecrets, redactText, type Secrets } from './redact-text.ts';

/** What a masking rule replaced in a record, as it is told to whoever sees the rest. */
export interface MaskedParts {
  key: boolean;
  /** parts: fields of it; whole: all of it. */
  value: 'parts' | 'whole' | null;
  /** Names of the headers whose values were replaced, or pieces of them that quote what is masked. */
  headers: string[];
  /** Why the value was hidden whole, as a sentence. */
  reason: string | null;
}

export interface MaskedRecord {
  key: Uint8Array | null;
  value: Uint8Array | null;
  headers: readonly HeaderBytes[];
  /** null: nothing was replaced. */
  masked: MaskedParts | null;
  /** What was replaced, for texts that may quote it. Never leaves the process. */
  secrets: Secrets;
}

export interface RecordToMask {
  key: Uint8Array | null;
  value: Uint8Array | null;
  headers: readonly HeaderBytes[];
  /** The value is not null, it is only not here: what headers quote of it can't be told from the rest of them. */
  valueElsewhere?: boolean;
}

/** Larger values are not searched for fields. */
const MAX_VALUE_BYTES = 8 * 1024 * 1024;
/** Spring puts the whole payload that it could not read into these, serialised; the record's own value may be null then. */
const PAYLOAD_HEADERS: ReadonlySet<string> = new Set(['springDeserializerExceptionKey', 'springDeserializerExceptionValue']);
const lenient = new TextDecoder('utf-8', { ignoreBOM: true });
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * A record as it may be shown. Where a rule names fields of the value and the value is no JSON object or list, nobody can tell where they are: it
 * is hidden whole. null stays null (a tombstone), empty stays empty.
 * @param quotes the headers may quote the value: the record is a dead letter
 */
export function maskRecord(record: RecordToMask, mask: RecordMask | null, quotes: boolean): MaskedRecord {
  const secrets = noSecrets();
  if (mask === null) return { key: record.key, value: record.value, headers: record.headers, masked: null, secrets };
  const masked: MaskedParts = { key: false, value: null, headers: [], reason: null };

  let { key } = record;
  if (mask.hidesKey && key !== null && key.length > 0) {
    addSecret(secrets, lenient.decode(key));
    key = MASKED_BYTES;
    masked.key = true;
  }
  const value = maskValue(record.value, mask, masked, secrets);
  const hidden = maskHeaders(record.headers, mask, masked, secrets);
  const headers = !quotes ? hidden : record.valueElsewhere && mask.paths.length > 0 ? hideErrorTexts(hidden, masked) : redactHeaders(hidden, masked, secrets);
  const changed = masked.key || masked.value !== null || masked.headers.length > 0;
  return { key, value, headers, masked: changed ? masked : null, secrets };
}

function maskHeaders(headers: readonly HeaderBytes[], mask: RecordMask, masked: MaskedParts, secrets: Secrets): readonly HeaderBytes[] {
  const hidesPayload = mask.paths.length > 0 || mask.hidesKey;
  if (!mask.hidesHeaders && !hidesPayload) return headers;
  const names = new Set<string>();
  const shown = headers.map((header): HeaderBytes => {
    const [name, value] = header;
    if (value === null || value.length === 0) return header;
    const text = lenient.decode(name);
    if (!mask.hidesHeader(text) && !(hidesPayload && PAYLOAD_HEADERS.has(text))) return header;
    names.add(text);
    addSecret(secrets, lenient.decode(value));
    return [name, MASKED_BYTES];
  });
  masked.headers = [...names];
  return shown;
}

/** Errors and stack traces quote what they failed on, and Spring's deserialisers put the whole payload into a header. */
function redactHeaders(headers: readonly HeaderBytes[], masked: MaskedParts, secrets: Secrets): readonly HeaderBytes[] {
  if (secrets.texts.size === 0 && secrets.wholes.length === 0 && !secrets.overflow) return headers;
  return headers.map((header): HeaderBytes => {
    const [name, value] = header;
    if (value === null || value === MASKED_BYTES || value.length < 4) return header;
    const text = lenient.decode(value);
    const shown = redactText(text, secrets);
    if (shown === text) return header;
    const nameText = lenient.decode(name);
    if (!masked.headers.includes(nameText)) masked.headers.push(nameText);
    return [name, text.includes('\uFFFD') ? MASKED_BYTES : new TextEncoder().encode(shown)];
  });
}

/** Longer ones may hold anything. */
const MAX_PLAIN_BYTES = 200;
const errorTexts: ReadonlySet<string> = new Set(dialects.flatMap(({ fields }) => [...(fields.message ?? []), ...(fields.causeMessage ?? []), ...(fields.stack ?? [])].map((field) => field.name)));

/** Where the value is not at hand: headers in which errors are told, under the names that are known, and long ones. */
function hideErrorTexts(headers: readonly HeaderBytes[], masked: MaskedParts): readonly HeaderBytes[] {
  return headers.map((header): HeaderBytes => {
    const [name, value] = header;
    if (value === null || value === MASKED_BYTES || value.length === 0) return header;
    const text = lenient.decode(name);
    if (value.length <= MAX_PLAIN_BYTES && !errorTexts.has(text)) return header;
    if (!masked.headers.includes(text)) masked.headers.push(text);
    return [name, MASKED_BYTES];
  });
}

/** A stored error without what the record's masked parts told it. */
export function redactError(error: DeadLetterError, secrets: Secrets): DeadLetterError {
  for (const text of [error.class, error.rootClass, error.message]) {
    if (text !== null && redactText(text, secrets) === MASKED) addSecret(secrets, text);
  }
  const clean = (text: string | null) => (text === null ? null : redactText(text, secrets));
  return { class: clean(error.class), rootClass: clean(error.rootClass), message: clean(error.message), stack: clean(error.stack) };
}

function maskValue(value: Uint8Array | null, mask: RecordMask, masked: MaskedParts, secrets: Secrets): Uint8Array | null {
  if (mask.paths.length === 0 || value === null || value.length === 0) return value;
  const hide = (reason: string) => {
    masked.value = 'whole';
    masked.reason = reason;
    // What the schema does not tell can't be looked for; of a text, no piece is to be read elsewhere.
    secrets.wholes.push(lenient.decode(value.subarray(0, MAX_WHOLE_CHARS)));
    return MASKED_BYTES;
  };
  if (value.length > MAX_VALUE_BYTES) return hide('A masking rule names fields of it, and it is too large to look for them (over 8 MB).');
  let text: string;
  try {
    text = strict.decode(value);
  } catch {
    return hide('A masking rule names fields of it, and it is not JSON: nobody can tell where they are.');
  }
  const found = maskJsonText(text, mask.paths);
  if (found === null) return hide('A masking rule names fields of it, and it is not a JSON object or list: nobody can tell where they are.');
  if (found.replaced.length === 0) return value;
  masked.value = 'parts';
  for (const part of found.replaced) addJsonSecrets(secrets, part);
  return new TextEncoder().encode(found.text);
}
