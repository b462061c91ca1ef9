import { OtlpRefusal } from './refusal.ts';

export type Encoding = 'protobuf' | 'json';

export const mediaTypes: Record<Encoding, string> = { protobuf: 'application/x-protobuf', json: 'application/json' };

/**
 * The encoding a Content-Type names, tolerating case and parameters (`application/JSON; charset=utf-8`).
 * `undefined` for anything else: OTLP/HTTP 1.x knows these two.
 */
export function encodingOf(contentType: string | undefined): Encoding | undefined {
  switch (contentType?.split(';', 1)[0]?.trim().toLowerCase()) {
    case 'application/x-protobuf':
      return 'protobuf';
    case 'application/json':
      return 'json';
    default:
      return undefined;
  }
}

/** As encodingOf. @throws OtlpRefusal 415 */
export function requireEncoding(contentType: string | undefined): Encoding {
  const encoding = encodingOf(contentType);
  if (encoding === undefined) {
    throw new OtlpRefusal(415, `Content-Type must be application/x-protobuf or application/json${contentType === undefined ? '; there is none' : ''}.`);
  }
  return encoding;
}
