import protobuf from 'protobufjs/minimal.js';
import type { Encoding } from './encoding.ts';

/**
 * An ExportTraceServiceResponse in the request's encoding. With nothing rejected `partial_success` is unset: an empty
 * protobuf body, or `{}` (OTLP 1.x, "Full Success").
 */
export function encodeResponse(encoding: Encoding, rejectedSpans: number, errorMessage: string): Buffer {
  if (rejectedSpans === 0) return encoding === 'json' ? Buffer.from('{}') : Buffer.alloc(0);
  if (encoding === 'json') {
    return Buffer.from(JSON.stringify({ partialSuccess: { rejectedSpans: String(rejectedSpans), errorMessage } }));
  }
  const writer = protobuf.Writer.create();
  writer.uint32(10).fork().uint32(8).int64(rejectedSpans).uint32(18).string(errorMessage).ldelim();
  return Buffer.from(writer.finish());
}

/** A google.rpc.Status in the request's encoding: the body of every 4xx and 5xx. */
export function encodeStatus(encoding: Encoding, code: number, message: string): Buffer {
  if (encoding === 'json') return Buffer.from(JSON.stringify({ code, message }));
  const writer = protobuf.Writer.create();
  writer.uint32(8).int32(code).uint32(18).string(message);
  return Buffer.from(writer.finish());
}
