import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { saySeconds } from '#lib/alert/say-figure.ts';
import type { RecordsPort } from '#lib/brokers/port-records.ts';
import { ReplaySendError, type ReplayPort } from '#lib/brokers/port-replay.ts';
import { formatDeadLetterId, formatReplayRef, type Refusal, type ReplayTarget } from '#lib/model/replay.ts';
import { decideClaim } from '#lib/replay/decide-claim.ts';
import { describeRefusal } from '#lib/replay/describe-refusal.ts';
import { prepareRecord } from '#lib/replay/prepare-record.ts';
import { loneBatchBytes } from '#lib/replay/split-batches.ts';
import { examineSelection, groupsOfTopics, type ExaminedLetter } from '#lib/store/replays/examine-selection.ts';
import { freezeSelection } from '#lib/store/replays/freeze-selection.ts';
import { knownPartitionCounts } from '#lib/store/replays/select-dead-letters.ts';
import type { Store } from '#lib/store/store.ts';
import type { WireDryRun } from '../replay-wire.ts';
import { lookBeforeReplay } from './look-before-replay.ts';
import { traceparentOf } from './traceparent-of.ts';

/** What a `replay-dry-run` request carries: a resolved selection, never a raw body. */
export const dryRunParamsSchema = z.object({
  selection: z.union([
    z.object({ ids: z.array(z.object({ id: z.string(), generation: z.number().int().nullable() })), allowParked: z.boolean().optional() }),
    z.object({ filter: z.record(z.string(), z.string()), allowParked: z.boolean().optional() }),
  ]),
  target: z.string().nullable(),
  partitioning: z.union([z.enum(['origin', 'key']), z.number().int().min(0)]),
  mode: z.enum(['exactly-once', 'at-least-once']),
  /** What the one record of the selection will be instead: of the value only its size counts here. */
  edit: z.object({ by: z.string(), originalSha256: z.string().nullable(), keyBase64: z.string().nullable(), valueBytes: z.number().int().nullable(), headers: z.array(z.tuple([z.string(), z.string().nullable()])) }).nullable().optional(),
});

const MAX_EXAMINED = 5_000;
const PAGE = 500;
const MAX_LISTED_REFUSALS = 200;
const PROBE_TRANSACTION_TIMEOUT_MS = 10_000;

/**
 * Says what a replay would send where, without sending: per-row refusals, destinations, groups that will see the records again, headers that
 * go and come, how the dead letters stand to their originals and to newer records of their keys, and whether the rights for exactly-once are there (the transactional id of a replay that never runs is opened for that).
 * @throws where the broker does not answer
 */
export async function dryRunReplay(params: z.infer<typeof dryRunParamsSchema>, context: { store: Store; broker: ReplayPort & Pick<RecordsPort, 'browse' | 'readMessage'>; clusterId: number; headersToStrip: (dialect: string | null) => readonly string[]; signal: AbortSignal }): Promise<WireDryRun> {
  const { store, broker, clusterId, headersToStrip, signal } = context;
  const selection = 'ids' in params.selection ? { ids: params.selection.ids, ...parked(params.selection) } : { filter: params.selection.filter, ...parked(params.selection) };
  const { snapshotSeq, summary } = await freezeSelection(store, selection, clusterId);
  const topics = params.target !== null ? [params.target] : summary.originTopics.flatMap(({ topic }) => topic ?? []);
  const [targets, countsBefore, groups, rights] = await Promise.all([broker.describeReplayTargets(topics), knownPartitionCounts(store, clusterId), groupsOfTopics(store, clusterId, topics), probeRights(broker)]);

  const refusals: WireDryRun['refusals'] = [];
  const refusalCounts = new Map<string, number>();
  const destinations = new Map<string, { topic: string; partition: number; records: number }>();
  const removed = new Set<string>();
  const added = new Set<string>();
  const dialects = new Set<string | null>();
  const toSend: { letter: ExaminedLetter; target: string }[] = [];
  let examined = 0;
  let after: ExaminedLetter | null = null;
  while (examined < MAX_EXAMINED) {
    signal.throwIfAborted();
    const page: ExaminedLetter[] = await examineSelection(store, selection, clusterId, snapshotSeq, after, PAGE);
    for (const letter of page) {
      examined += 1;
      dialects.add(letter.dialect);
      const outcome = judge(params.edit ? { ...letter, body: editedBody(params.edit) } : letter, params, targets, countsBefore, headersToStrip(letter.dialect));
      if ('code' in outcome) {
        refusalCounts.set(outcome.code, (refusalCounts.get(outcome.code) ?? 0) + 1);
        if (refusals.length < MAX_LISTED_REFUSALS) refusals.push({ deadLetterId: formatDeadLetterId(letter), generation: letter.generation, code: outcome.code, text: describeRefusal(outcome) });
        continue;
      }
      toSend.push({ letter, target: outcome.topic });
      for (const name of outcome.removed) removed.add(name);
      for (const name of outcome.added) added.add(name);
      const key = `${outcome.topic}:${outcome.partition}`;
      destinations.set(key, { topic: outcome.topic, partition: outcome.partition, records: (destinations.get(key)?.records ?? 0) + 1 });
    }
    after = page.at(-1) ?? null;
    if (page.length < PAGE) break;
  }

  const sent = toSend.map((one) => one.letter);
  const { originals, warnings } = await lookBeforeReplay({ store, broker, signal }, toSend, Boolean(params.edit));
  const used = [...targets.values()];
  return {
    dryRun: true,
    selected: Number(summary.count),
    examined,
    sendable: toSend.length,
    refusals,
    refusalCounts: Object.fromEntries(refusalCounts),
    destinations: [...destinations.values()].sort((a, b) => a.topic.localeCompare(b.topic) || a.partition - b.partition),
    targets: used.map((target) => ({ topic: target.topic, partitions: target.partitionCount, compacted: target.compacted, maxMessageBytes: target.maxBatchBytes, writable: target.writable })),
    groups,
    headersRemoved: [...removed],
    headersAdded: [...added],
    mode: rights === null ? params.mode : 'at-least-once',
    modeReason: rights,
    originals,
    warnings: [
      ...warnings,
      ...(params.edit ? [] : warnOfTombstones(sent)),
      ...(params.edit ? [] : warnOfExpiry(sent, new Date())),
      ...used.filter((target) => target.compacted).map((target) => `${target.topic} is compacted: an old value can replace a newer one of the same key.`),
      ...used.filter((target) => target.writable === false).map((target) => `Waybill may not write to ${target.topic}. Grant WRITE on the topic to its principal.`),
      ...(dialects.has(null) ? ['Some records carry no known dialect: none of their headers is taken for an error header.'] : []),
      ...(examined < summary.count ? [`Only the first ${examined} of ${summary.count} records were looked at, in the order they would be sent: refusals, destinations and headers are theirs. Each of the others is judged when its turn comes, and refused with its reason where it cannot be sent.`] : []),
      ...(params.mode === 'at-least-once' ? ['At least once: after a crash a record can appear twice.'] : []),
    ],
  };
}

function warnOfTombstones(letters: readonly ExaminedLetter[]): string[] {
  const count = letters.filter((letter) => letter.body !== null && letter.body.valueBytes === null).length;
  return count === 0 ? [] : [`${count} of ${letters.length} records ${count === 1 ? 'is a tombstone' : 'are tombstones'} (a null value): on a compacted topic ${count === 1 ? 'it deletes its key' : 'each deletes its key'}.`];
}

/** What was copied is sent whatever the broker still has; what was not is sent only while the broker has it. */
function warnOfExpiry(letters: readonly ExaminedLetter[], now: Date): string[] {
  const atBroker = letters.filter((letter) => letter.body?.valueByReference);
  if (atBroker.length === 0) return [];
  const first = Math.min(...atBroker.map((letter) => letter.expiresAt?.getTime() ?? Infinity));
  const when = first === Infinity ? 'the broker does not delete by time' : first <= now.getTime() ? 'the broker may have deleted some already' : `the broker deletes the first in ${saySeconds((first - now.getTime()) / 1_000)}`;
  return [`${atBroker.length} of ${letters.length} values ${atBroker.length === 1 ? 'was' : 'were'} too large to copy: ${atBroker.length === 1 ? 'it is' : 'they are'} read from the broker when ${atBroker.length === 1 ? 'it is' : 'they are'} sent, and ${when}.`];
}

function parked(selection: { allowParked?: boolean | undefined }): { allowParked?: boolean } {
  return selection.allowParked ? { allowParked: true } : {};
}

function judge(letter: ExaminedLetter, params: z.infer<typeof dryRunParamsSchema>, targets: ReadonlyMap<string, ReplayTarget>, countsBefore: ReadonlyMap<string, number>, strip: readonly string[]): Refusal | { topic: string; partition: number; removed: string[]; added: string[] } {
  const allowParked = params.selection.allowParked === true;
  const claim = decideClaim({
    archived: letter.state === 'archived',
    bodyKept: letter.body !== null,
    generation: letter.generation,
    generationSeen: letter.generationSeen,
    openReplayId: letter.openReplayId,
    lastState: letter.lastState,
    failedGenerations: letter.failedGenerations,
    allowParked,
  });
  if (claim) return claim;
  const ref = formatReplayRef('00000000-0000-0000-0000-000000000000', letter, letter.generation + 1);
  const prepared = prepareRecord({
    item: {
      offset: letter.offset,
      originTopic: letter.originTopic,
      originPartition: letter.originPartition,
      originTimestampMs: letter.originTimestamp === null ? null : BigInt(letter.originTimestamp.getTime()),
      body: letter.body,
    },
    replayRef: ref,
    traceparent: traceparentOf(ref),
    strip,
    targetTopic: params.target,
    partitioning: params.partitioning,
    targets,
    partitionCountBefore: (topic) => countsBefore.get(topic),
    allowParked,
    edited: params.edit ?? null,
  });
  if (prepared.kind === 'refusal') return prepared.refusal;
  const { record, plan } = prepared;
  const limit = targets.get(record.topic)!.maxBatchBytes;
  const bytes = loneBatchBytes(record) + (letter.body?.valueBytes ?? 0);
  if (bytes > limit) return { code: 'too-large', detail: { bytes, limit, topic: record.topic } };
  return { topic: record.topic, partition: record.partition, removed: plan.removed, added: plan.added };
}

function editedBody(edit: NonNullable<z.infer<typeof dryRunParamsSchema>['edit']>): NonNullable<ExaminedLetter['body']> {
  const bytes = (text: string | null) => (text === null ? null : Buffer.from(text, 'base64'));
  return { key: bytes(edit.keyBase64), value: null, headers: edit.headers.map(([name, value]) => [Buffer.from(name, 'base64'), bytes(value)] as const), valueByReference: false, valueBytes: edit.valueBytes };
}

async function probeRights(broker: ReplayPort): Promise<string | null> {
  try {
    const sender = await broker.openReplay({ replayId: randomUUID(), mode: 'exactly-once', transactionTimeoutMs: PROBE_TRANSACTION_TIMEOUT_MS });
    await sender.close();
    return null;
  } catch (error) {
    if (error instanceof ReplaySendError && error.kind === 'denied') return error.message;
    throw error;
  }
}
