import type { HeaderBytes } from '#lib/model/dead-letter.ts';

/** What a record says about the form of its own value, apart from the error that was added to it. */
export interface PayloadForm {
  /** The value is null. */
  tombstone: boolean;
  /** Type and subtype of the content type header, without parameters; null where there is none that is one. */
  contentType: string | null;
}

/** Lower case; MassTransit and Spring Cloud Stream write it without a hyphen. */
const NAMES = new Set(['content-type', 'contenttype', 'content_type']);
/** type/subtype (RFC 9110, 8.3.1); Spring Cloud Stream may write it as a JSON text. */
const MEDIA_TYPE = /^\s*"?([\w.+-]{1,60}\/[\w.+-]{1,60})/u;

/** Headers looked at: a hostile record may have hundreds of thousands. */
const MAX_HEADERS = 20_000;

/** Reads the form of a record's value off the record: from its headers, never from its bytes. The last of equal headers counts. */
export function payloadForm(headers: readonly HeaderBytes[], tombstone: boolean): PayloadForm {
  let contentType: string | null = null;
  let read = 0;
  for (const [name, value] of headers) {
    if (++read > MAX_HEADERS) break;
    // Cheap first: dead letters have many headers, and few of them are this long.
    if (value === null || name.length < 11 || name.length > 12 || !NAMES.has(text(name).toLowerCase())) continue;
    contentType = mediaType(text(value.subarray(0, 200))) ?? contentType;
  }
  return { tombstone, contentType };
}

/** `text/csv; charset=latin1` → `text/csv`; null where it is no media type. */
export function mediaType(header: string): string | null {
  return MEDIA_TYPE.exec(header)?.[1]?.toLowerCase() ?? null;
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
