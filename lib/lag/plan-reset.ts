/** Where a group's offsets shall go. */
export type ResetTarget =
  | { kind: 'earliest' }
  | { kind: 'latest' }
  /** The first record at or after it; the end where there is none. */
  | { kind: 'time'; atMs: number }
  | { kind: 'offset'; offset: bigint }
  /** Negative goes back. */
  | { kind: 'shift'; by: bigint };

export interface ResetPosition {
  topic: string;
  partition: number;
  /** null = no commit. */
  committedOffset: bigint | null;
  logStartOffset: bigint | null;
  /** High watermark. */
  endOffset: bigint | null;
  /** First offset at or after the asked time, null where there is none; used by `time` alone. */
  atTime?: bigint | null;
}

export interface PlannedPartition {
  topic: string;
  partition: number;
  from: bigint | null;
  /** null = nothing is done here, with the reason in `note`. */
  to: bigint | null;
  /** Records that are still there and will not be read: offsets, so gaps of transactions and compaction count. null where the group had no commit. */
  skipped: bigint | null;
  /** Records that will be read again. null where the group had no commit. */
  repeated: bigint | null;
  note: string | null;
}

/** What a reset does to each partition. A target outside the log is moved to its nearest end, as Kafka's own tool does, and that is said. */
export function planReset(target: ResetTarget, positions: readonly ResetPosition[]): PlannedPartition[] {
  return positions.map((position) => planPartition(target, position));
}

/**
 * What forgetting the commits does. Where a group reads on is then up to its consumers' auto.offset.reset: `repeated` is what "earliest" reads again,
 * `skipped` what "latest" leaves out.
 */
export function planForget(positions: readonly ResetPosition[]): PlannedPartition[] {
  return positions
    .filter((position) => position.committedOffset !== null)
    .map(({ topic, partition, committedOffset, logStartOffset, endOffset }) => {
      const known = committedOffset !== null && logStartOffset !== null && endOffset !== null;
      const held = known ? clamp(committedOffset, logStartOffset, endOffset) : null;
      return { topic, partition, from: committedOffset, to: null, skipped: held === null || endOffset === null ? null : endOffset - held, repeated: held === null || logStartOffset === null ? null : held - logStartOffset, note: null };
    });
}

function planPartition(target: ResetTarget, { topic, partition, committedOffset, logStartOffset, endOffset, atTime }: ResetPosition): PlannedPartition {
  const refused = (note: string): PlannedPartition => ({ topic, partition, from: committedOffset, to: null, skipped: 0n, repeated: 0n, note });
  if (logStartOffset === null || endOffset === null) return refused('The log of this partition could not be read: it stays as it is.');
  let wanted: bigint;
  switch (target.kind) {
    case 'earliest':
      wanted = logStartOffset;
      break;
    case 'latest':
      wanted = endOffset;
      break;
    case 'time':
      if (atTime === undefined) return refused('The broker did not say which offset that time is: it stays as it is.');
      wanted = atTime ?? endOffset;
      break;
    case 'offset':
      wanted = target.offset;
      break;
    case 'shift':
      if (committedOffset === null) return refused('Nothing was committed here: there is nothing to shift.');
      wanted = committedOffset + target.by;
      break;
  }
  const to = clamp(wanted, logStartOffset, endOffset);
  const note = to === wanted ? null : wanted < to ? `${wanted} is before the log, which starts at ${to}.` : `${wanted} is past the log, which ends at ${to}.`;
  if (committedOffset === null) return { topic, partition, from: null, to, skipped: null, repeated: null, note };
  // What lies before the log start is gone already, whatever is done now.
  const held = clamp(committedOffset, logStartOffset, endOffset);
  return { topic, partition, from: committedOffset, to, skipped: to > held ? to - held : 0n, repeated: to < held ? held - to : 0n, note };
}

function clamp(offset: bigint, low: bigint, high: bigint): bigint {
  return offset < low ? low : offset > high ? high : offset;
}
