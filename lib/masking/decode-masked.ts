import { decodeDeadLetter, type DecodeOptions, type RecordToDecode } from '#lib/dead-letter/decode.ts';
import type { DecodedDeadLetter } from '#lib/model/dead-letter.ts';
import type { Masking } from './compile-masking.ts';
import { MASKED } from './masked-text.ts';
import { maskRecord, redactError } from './mask-record.ts';
import { addSecret, redactText } from './redact-text.ts';

/**
 * decodeDeadLetter() of which no text tells what a rule masks: neither what a masked header says, nor what an error or a stack trace quotes of a
 * masked part of the record. Where the record came from is read from the true headers: without it nothing could be replayed.
 */
export function decodeMasked(masking: Masking, record: RecordToDecode & { key: Uint8Array | null; value: Uint8Array | null }, options: DecodeOptions = {}): DecodedDeadLetter {
  const decoded = decodeDeadLetter(record, options);
  if (masking.isOff) return decoded;
  const mask = masking.of(record.topic, decoded.origin.topic);
  if (mask === null) return decoded;
  const shown = maskRecord(record, mask, false);
  if (shown.masked === null) return decoded;
  // A masked header reads as the mask now; what it said may stand in the stack trace too.
  const told = shown.masked.headers.length > 0 ? decodeDeadLetter({ ...record, headers: shown.headers }, options) : decoded;
  for (const part of ['class', 'message', 'stack'] as const) {
    const before = decoded.error[part];
    if (before !== null && before !== told.error[part]) addSecret(shown.secrets, before);
  }
  const visible = (text: string | null) => (text === null || text === MASKED ? null : text);
  const correlationId = visible(told.correlationId);
  return {
    ...decoded,
    origin: { ...decoded.origin, consumerGroup: visible(told.origin.consumerGroup) },
    error: redactError(told.error, shown.secrets),
    // Half an id leads nowhere.
    correlationId: correlationId !== null && redactText(correlationId, shown.secrets) === correlationId ? correlationId : null,
  };
}
