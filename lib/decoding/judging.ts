// What the worker that judges records and its owner say to each other. Plain data: it is copied between threads.

/** A schema of the registry, with what it refers to, those first that others need; or why it could not be had. */
export type KnownSchema =
  | { id: number; type: 'AVRO' | 'PROTOBUF' | 'JSON'; text: string; references: { name: string; schema: string }[] }
  | { id: number; error: string };

export interface RecordToJudge {
  partition: number;
  offset: bigint;
  timestampMs: bigint | null;
  key: Uint8Array | null;
  value: Uint8Array | null;
  headers: readonly (readonly [Uint8Array, Uint8Array | null])[];
  /** Ids of their schemas, where the bytes begin like the wire format and a registry is configured. */
  keySchema: number | null;
  valueSchema: number | null;
  /** JSON paths of what is masked in a value that is decoded through its schema; where it can't be decoded it is hidden whole. */
  maskPaths: readonly string[];
}

/** Key or value through its schema. */
export type Decoded =
  | { format: 'avro' | 'protobuf' | 'json'; schemaId: number; /** Full name of the message or record, where it has one. */ name: string | null; json: string; truncated: boolean }
  | { schemaId: number; error: string };

export interface Judged {
  matched: boolean;
  error: string | null;
  key: Decoded | null;
  value: Decoded | null;
}

export type ToWorker = { kind: 'filter'; text: string } | { kind: 'records'; records: readonly RecordToJudge[]; schemas: readonly KnownSchema[]; mostJsonChars: number };
export type FromWorker = { kind: 'ready' } | { kind: 'invalid'; message: string; position: number | null } | { kind: 'judged'; judged: Judged[] };

/** Places in the shared memory by which the owner sees how far the worker is. */
export const PROGRESS = { step: 0, record: 1, phase: 2 } as const;
export const PHASE = { idle: 0, compiling: 1, decoding: 2, filtering: 3 } as const;

/** Larger values are shown as bytes and not given to filters. */
export const MOST_DECODED_BYTES = 1_048_576;
