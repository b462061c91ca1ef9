/** Words of dead letters: what a record on a dead-letter topic says about the record that failed. */

/** A header as it lay on the wire: name bytes and value bytes; a null value and an empty value are different things. */
export type HeaderBytes = readonly [name: Uint8Array, value: Uint8Array | null];

/** Where the failed record lay and whose consumer failed. Each part is null where the dead letter does not convey it. */
export interface DeadLetterOrigin {
  topic: string | null;
  partition: number | null;
  offset: bigint | null;
  /** Milliseconds since 1970. */
  timestampMs: bigint | null;
  consumerGroup: string | null;
}

/** What went wrong. Each part is null where the dead letter does not convey it. */
export interface DeadLetterError {
  /** The class the application threw, not a framework's wrapper around it. */
  class: string | null;
  /** The class of the last cause. */
  rootClass: string | null;
  message: string | null;
  /** The stack trace as text, cut at {@link MAX_STACK_CHARS}; the header itself keeps every byte. */
  stack: string | null;
}

export interface DecodedDeadLetter {
  /** Name of the dialect that was read, null when no known dialect is on the record ("origin unknown"). */
  dialect: string | null;
  origin: DeadLetterOrigin;
  error: DeadLetterError;
  /** Deliveries that had failed when the record was written. */
  attempts: number | null;
  correlationId: string | null;
  /** `replay-id` header of a record that Waybill itself sent and that came back: `<replay>:<dead letter>:<generation>`. */
  replayId: string | null;
}

/** The states a dead letter goes through; `replay_item` has the finer ones. */
export const deadLetterStates = [
  'new', 'replaying', 'replayed', 'consumed', 'retrying', 'processed', 'failed-again', 'parked', 'archived', 'expired',
] as const;
export type DeadLetterState = (typeof deadLetterStates)[number];

/** Stack traces of 88 KB are seen in the wild; beyond this the text is cut for storing and showing. */
export const MAX_STACK_CHARS = 131_072;
/** Messages longer than this are cut: a reason header can hold a whole dump. */
export const MAX_MESSAGE_CHARS = 16_384;
