import { timestampFromMs } from '@bufbuild/protobuf/wkt';

/** A record's timestamp as CEL has it, comparable with `timestamp("…")`; null where the record has none or it is beyond the year 9999. */
export function timestampOf(timestampMs: bigint | null): unknown {
  if (timestampMs === null || timestampMs < 0n || timestampMs > 253_402_300_799_999n) return null;
  return timestampFromMs(Number(timestampMs));
}
