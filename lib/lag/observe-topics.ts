import { observeEnd } from './anchors.ts';
import type { TopicState } from './cluster-state.ts';
import type { TopicSample } from './pack-sample.ts';

/** Columns as a broker adapter reads them; see lib/brokers/port-offsets.ts. */
export interface ReadTopic {
  leaders: readonly (number | null)[];
  highWatermarks: readonly (bigint | null)[];
  lastStableOffsets: readonly (bigint | null)[];
  logStartOffsets: readonly (bigint | null)[];
  failures: ReadonlyMap<number, { message: string }>;
}

/**
 * Takes one reading of a topic into its state. What could not be read keeps its last good figures, with the time since when they are old.
 * @returns partitions that changed (for the packed sample) and partitions whose row must be written
 */
export function observeTopic(topic: TopicState, read: ReadTopic, readAtMs: number): { changed: TopicSample[]; dirty: number[] } {
  const changed: TopicSample[] = [];
  const dirty: number[] = [];
  for (let partition = 0; partition < topic.partitions.length; partition += 1) {
    const state = topic.partitions[partition];
    if (!state) continue;
    const failure = read.failures.get(partition);
    const end = read.highWatermarks[partition] ?? null;
    state.grown = null;
    if (failure !== undefined || end === null) {
      if (state.failedSince === null || state.error !== (failure?.message ?? null)) dirty.push(partition);
      state.failedSince ??= readAtMs;
      state.error = failure?.message ?? 'The broker gave no offset.';
      continue;
    }
    const stable = read.lastStableOffsets[partition] ?? null;
    const start = read.logStartOffsets[partition] ?? null;
    const leader = read.leaders[partition] ?? null;
    const moved = state.endOffset !== end || state.lastStableOffset !== stable || state.logStartOffset !== start;
    if (moved) changed.push({ partition, highWatermark: end, lastStableOffset: stable, logStartOffset: start });
    if (moved || state.failedSince !== null || state.leader !== leader) dirty.push(partition);
    if (state.endOffset !== null) state.grown = end - state.endOffset;
    if (moved) state.changedAt = readAtMs;
    state.endOffset = end;
    state.lastStableOffset = stable;
    state.logStartOffset = start;
    state.leader = leader;
    state.failedSince = null;
    state.error = null;
    observeEnd(state.anchors, end, readAtMs);
  }
  return { changed, dirty };
}
