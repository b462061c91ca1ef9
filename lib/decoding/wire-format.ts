/** What a schema registry's serialisers write in front: a zero byte and the schema's id, big-endian. */
export interface WireFormat {
  schemaId: number;
  /** What follows; for Protobuf it begins with the message indexes. */
  payload: Uint8Array;
}

const HEADER_BYTES = 5;

/** Reads the Confluent wire format; null where the bytes do not begin like it. */
export function readWireFormat(bytes: Uint8Array | null): WireFormat | null {
  if (bytes === null || bytes.length < HEADER_BYTES || bytes[0] !== 0) return null;
  const schemaId = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(1);
  return schemaId === 0 || schemaId > 0x7fff_ffff ? null : { schemaId, payload: bytes.subarray(HEADER_BYTES) };
}
