import { MAX_FAILED_GENERATIONS, type Refusal, type ReplayItemState } from '#lib/model/replay.ts';

export interface ClaimInput {
  archived: boolean;
  bodyKept: boolean;
  /** Replays so far, as the dead letter says. */
  generation: number;
  /** The generation the caller saw; null where the selection does not say (a filter, or an id alone). */
  generationSeen: number | null;
  /** The replay that holds an item of this dead letter that may still be sent. */
  openReplayId: string | null;
  /** State of the newest item that was not refused or cancelled. */
  lastState: ReplayItemState | null;
  /** Generations of it that failed again. */
  failedGenerations: number;
  /** A person overrides the parking. */
  allowParked: boolean;
}

/** Whether a dead letter may be claimed by a job, or why not. null: it may. */
export function decideClaim(input: ClaimInput): Refusal | null {
  if (input.openReplayId !== null) return { code: 'already-replaying', detail: { replay: input.openReplayId } };
  if (input.generationSeen !== null && input.generationSeen !== input.generation) {
    return { code: 'generation-changed', detail: { seen: input.generationSeen, current: input.generation } };
  }
  // Once more for a record that has been sent takes an explicit new generation.
  if (input.generationSeen === null && input.lastState !== null) return { code: 'already-replayed', detail: { generation: input.generation, state: input.lastState } };
  if (input.archived) return { code: 'archived', detail: {} };
  if (input.failedGenerations >= MAX_FAILED_GENERATIONS && !input.allowParked) return { code: 'parked', detail: { replays: input.failedGenerations } };
  if (!input.bodyKept) return { code: 'body-expired', detail: {} };
  return null;
}
