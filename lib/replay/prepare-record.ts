import { MAX_FAILED_GENERATIONS, type EditLabel, type Partitioning, type Refusal, type ReplayHeader, type ReplayRecord, type ReplayTarget } from '#lib/model/replay.ts';
import { chooseTarget } from './choose-target.ts';
import { planHeaders, type HeaderPlan } from './plan-headers.ts';
import { loneBatchBytes } from './split-batches.ts';

/** The measure is an upper bound; what exceeds the limit by less is left to the broker to judge. */
const MEASURE_SLACK_BYTES = 512;

export interface PrepareInput {
  item: {
    offset: bigint;
    originTopic: string | null;
    originPartition: number | null;
    originTimestampMs: bigint | null;
    /** null: the bytes are gone. */
    body: { key: Buffer | null; value: Buffer | null; headers: readonly ReplayHeader[] } | null;
  };
  replayRef: string;
  traceparent: string;
  strip: readonly string[];
  targetTopic: string | null;
  partitioning: Partitioning;
  targets: ReadonlyMap<string, ReplayTarget>;
  partitionCountBefore: (topic: string) => number | undefined;
  /** A person overrides the parking of records that failed too often. */
  allowParked: boolean;
  /** The body is an edited one; null: it is the dead letter's own. */
  edited: EditLabel | null;
}

export type Prepared = { kind: 'record'; record: ReplayRecord; plan: HeaderPlan } | { kind: 'refusal'; refusal: Refusal };

/** The record that will be sent for a dead letter, or why none will. */
export function prepareRecord(input: PrepareInput): Prepared {
  const { item } = input;
  if (item.body === null) return refuse('body-expired', {});
  const plan = planHeaders({ headers: item.body.headers, strip: input.strip, replayRef: input.replayRef, traceparent: input.traceparent, originalTimestampMs: item.originTimestampMs, edited: input.edited });
  if (plan.replayCountBefore >= MAX_FAILED_GENERATIONS && !input.allowParked) return refuse('parked', { replays: plan.replayCountBefore });
  const place = chooseTarget({
    origin: { topic: item.originTopic, partition: item.originPartition },
    key: item.body.key,
    offset: item.offset,
    targetTopic: input.targetTopic,
    partitioning: input.partitioning,
    partitionCountNow: (topic) => input.targets.get(topic)?.partitionCount,
    partitionCountBefore: input.partitionCountBefore,
  });
  if ('code' in place) return { kind: 'refusal', refusal: place };
  const record: ReplayRecord = { ...place, key: item.body.key, value: item.body.value, headers: plan.headers };
  const limit = input.targets.get(place.topic)!.maxBatchBytes;
  const bytes = loneBatchBytes(record);
  if (bytes > limit + MEASURE_SLACK_BYTES) return refuse('too-large', { bytes, limit, topic: place.topic });
  return { kind: 'record', record, plan };
}

function refuse(code: Refusal['code'], detail: Refusal['detail']): Prepared {
  return { kind: 'refusal', refusal: { code, detail } };
}
