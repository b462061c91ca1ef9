/** What a look at the originals of a selection found, in figures: the rows that were looked at, each counted once in each of the two groups. */
export interface OriginalsSummary {
  /** Key and value are the original's bytes. */
  same: number;
  /** The value is the same JSON in other bytes: a serialiser wrote it anew. */
  sameJson: number;
  differ: number;
  /** Another record lies at the original's offset. */
  another: number;
  /** Not compared: the original is gone, its place is not on the record, or the bounds ended it. */
  notCompared: number;
  /** A newer record of the same key lies behind the original, on the topic that the replay goes to. */
  newer: number;
  newerUnknown: number;
}

/** One row of each kind, to look at. */
export interface OriginalsExamples {
  newer: { id: string; topic: string; partition: number; offset: string; laterMs: number | null } | null;
  differ: { id: string; valueBytes: number | null; originalBytes: number | null; tombstone: boolean } | null;
  newerUnknown: { why: string } | null;
}

/**
 * The warnings a person reads before a replay. Pure; the figures are of the rows that can be sent and were looked at.
 * @param edited other bytes than the dead letter's are sent
 */
export function describeOriginals(summary: OriginalsSummary, examples: OriginalsExamples, edited = false): string[] {
  const rows = summary.same + summary.sameJson + summary.differ + summary.another + summary.notCompared;
  const warnings: string[] = [];
  const { newer, differ, newerUnknown } = examples;
  if (summary.newer > 0 && newer) {
    const where = `${newer.topic} p${newer.partition}@${newer.offset}${newer.laterMs === null ? '' : `, ${later(newer.laterMs)}`}`;
    warnings.push(
      rows === 1
        ? `A newer record of this key exists at ${where}: a replay puts the older state after it.`
        : `${count(summary.newer)} of ${count(rows)} records have newer ones of their key on the origin topic (${newer.id}: ${where}): a replay puts the older state after the newer.`,
    );
  }
  if (summary.newerUnknown > 0) warnings.push(`${rows === 1 ? 'Whether a newer record of this key exists is not known' : `Whether newer records of the same key exist is not known for ${count(summary.newerUnknown)} of ${count(rows)} records`}${newerUnknown ? `: ${newerUnknown.why}` : ''}.`);
  if (summary.differ > 0 && differ) {
    const sizes = differ.tombstone ? `no value, where the original has one${edited ? '' : ': a replay sends a tombstone'}` : `value ${bytes(differ.valueBytes)}, the original's ${bytes(differ.originalBytes)}`;
    warnings.push(rows === 1 ? `This dead letter differs from its original (${sizes}). ${edited ? "The edit began with the dead letter's bytes." : "What is sent are the dead letter's bytes."}` : `${count(summary.differ)} of ${count(rows)} dead letters differ from their originals (${differ.id}: ${sizes}). What is sent are the dead letters' bytes.`);
  }
  if (summary.another > 0) warnings.push(`${rows === 1 ? 'At the original’s offset lies another record' : `At the offsets of ${count(summary.another)} originals lie other records`}: the origin topic may have been deleted and made anew.`);
  if (summary.sameJson > 0) warnings.push(`${rows === 1 ? 'The value says the same as the original’s in other bytes' : `The values of ${count(summary.sameJson)} of ${count(rows)} say the same as the originals’ in other bytes`}: a serialiser wrote ${rows === 1 ? 'it' : 'them'} anew.`);
  return warnings;
}

/** "4 min later", in one unit. A producer's clock may run back. */
export function later(ms: number): string {
  const size = Math.abs(ms);
  const text = size < 1_000 ? `${Math.round(size)} ms` : size < 60_000 ? `${Math.floor(size / 1_000)} s` : size < 3_600_000 ? `${Math.floor(size / 60_000)} min` : size < 86_400_000 ? `${Math.floor(size / 3_600_000)} h` : `${count(Math.floor(size / 86_400_000))} d`;
  return `${text} ${ms < 0 ? 'earlier by its timestamp' : 'later'}`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function bytes(value: number | null): string {
  return value === null ? 'unknown' : value === 1 ? '1 byte' : `${count(value)} bytes`;
}
