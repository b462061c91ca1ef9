import type { DecodedTraces } from '#lib/model/span.ts';
import { decodeJson } from './decode-json.ts';
import { decodeProtobuf } from './decode-protobuf.ts';
import type { Encoding } from './encoding.ts';

/**
 * Decodes the unpacked body of `POST /v1/traces`. An empty protobuf body is an empty request, which is a success.
 * @throws OtlpRefusal 400, 413
 */
export function decodeTraces(body: Buffer, encoding: Encoding): DecodedTraces {
  return encoding === 'json' ? decodeJson(body) : decodeProtobuf(body);
}
