import { createHash } from 'node:crypto';
import { recordAudit } from '#lib/access/record-audit.ts';
import type { PartitionOutcome } from '#lib/brokers/port-groups.ts';
import type { BrokerFailure, GroupOffsets, OffsetsSnapshot } from '#lib/brokers/port-offsets.ts';
import { errorText, WaybillError } from '#lib/errors.ts';
import { whyStateUnchangeable, whyTypeUnchangeable } from '#lib/lag/may-change-group.ts';
import { type PlannedPartition, planForget, planReset, type ResetPosition, type ResetTarget } from '#lib/lag/plan-reset.ts';
import type { GroupChange, GroupChangeAnswer, ResetTargetWire } from '../group-change-wire.ts';
import type { RequestContext } from './request-kinds.ts';

const MAX_PARTITIONS = 10_000;

/**
 * Resets or deletes a group's offsets, or the group: says what that does to each partition and, unless it is a dry run, does it. Everything is read
 * anew, and the members once more right before the change; the broker itself refuses where one joins in between.
 * The audit trail has a line of the intent, stored before the broker is asked ("group.delete.begin"), and one of the outcome, in the transaction that ends
 * the request ("group.delete", or "group.delete.failed"). An intent without an outcome: the process ended in between, look at the group.
 * @throws WaybillError `group-not-found` 404, `group-type-unsupported`, `group-not-empty`, `group-moved`, `nothing-to-change` 409, `group-change-refused` 409 or 502
 */
export async function changeGroup(change: GroupChange, context: RequestContext): Promise<GroupChangeAnswer> {
  const { broker, signal } = context;
  const snapshot = await broker.snapshotOffsets({ signal });
  const group = requireGroup(snapshot, change.group);
  const positions = await positionsOf(change, group, snapshot, context);
  const planned = change.change === 'reset-offsets' ? planReset(targetOf(change.to), positions) : planForget(positions);
  const [described] = await broker.describeGroups([group]);
  // What the members do right now counts, not the state of the list a moment ago.
  const state = described?.state ?? group.state;
  const members = described?.members?.length ?? null;
  const blockedBecause = reasonAgainst(change, state, members, described?.members ?? []);
  const answer = (outcomes: readonly PartitionOutcome[], dryRun: boolean): GroupChangeAnswer => answerOf(change, { planned, outcomes, positions, type: group.type, state, members, blockedBecause, dryRun });
  if (change.dryRun) return answer([], true);

  if (blockedBecause !== null) throw new WaybillError('group-not-empty', blockedBecause, { status: 409, retryable: true });
  if (change.expect !== null && change.expect !== fingerprintOf(change.group, positions)) {
    throw new WaybillError('group-moved', `The committed offsets of "${change.group}" changed since the dry run. Look at the figures again.`, { status: 409 });
  }
  const chosen = planned.filter((p) => (change.change === 'reset-offsets' ? p.to !== null && p.to !== p.from : true));
  if (chosen.length === 0 && change.change !== 'delete-group') throw new WaybillError('nothing-to-change', `Nothing would change: ${planned.length === 0 ? 'no offset is committed there' : 'every partition stands there already'}.`, { status: 409 });
  signal.throwIfAborted();
  const action = { 'reset-offsets': 'group.reset-offsets', 'delete-offsets': 'group.delete-offsets', 'delete-group': 'group.delete' }[change.change];
  const about = { target: `${broker.name}/${change.group}`, reason: change.reason };
  const intended = answer([], false);
  await recordAudit(context.store, context.principal, {
    action: `${action}.begin`,
    ...about,
    before: { offsets: intended.partitions.map(({ topic, partition, from }) => [topic, partition, from]) },
    after: { ...(change.change === 'reset-offsets' ? { to: change.to } : {}), offsets: intended.partitions.map(({ topic, partition, to }) => [topic, partition, to]) },
  });
  let outcomes: PartitionOutcome[];
  try {
    outcomes = await perform(change, chosen, context);
  } catch (error) {
    context.atEnd((tx) => recordAudit(tx, context.principal, { action: `${action}.failed`, ...about, after: { error: errorText(error) } }));
    throw error;
  }
  const done = answer(outcomes, false);
  context.atEnd((tx) =>
    recordAudit(tx, context.principal, {
      action,
      ...about,
      before: { offsets: done.partitions.map(({ topic, partition, from }) => [topic, partition, from]) },
      after: { ...(change.change === 'reset-offsets' ? { to: change.to } : {}), offsets: done.partitions.map(({ topic, partition, to, failure }) => [topic, partition, to, ...(failure === null ? [] : [failure])]), skipped: done.skipped, repeated: done.repeated },
    }),
  );
  return done;
}

function requireGroup(snapshot: OffsetsSnapshot, name: string): GroupOffsets {
  const group = snapshot.groups.find((one) => one.name === name);
  if (!group) {
    if (snapshot.brokerFailures.size > 0) throw new WaybillError('group-unread', `A broker did not answer, and no other lists the group "${name}". Try again when all brokers are there.`, { status: 502, retryable: true });
    throw new WaybillError('group-not-found', `The broker has no group "${name}" any more.`, { status: 404 });
  }
  const unsupported = whyTypeUnchangeable(group.type);
  if (unsupported !== null) throw new WaybillError('group-type-unsupported', unsupported, { status: 409 });
  if (group.committed === null) throw new WaybillError('group-unread', `The committed offsets of "${name}" could not be read: ${group.failure?.message ?? 'no reason given'}`, { status: 502, retryable: group.failure?.retryable ?? true });
  return group;
}

function reasonAgainst(change: GroupChange, state: string, members: number | null, list: readonly { assignments: readonly { topic: string }[] }[]): string | null {
  const reason = whyStateUnchangeable(change.group, state, members);
  // Forgetting a topic is safe beside members that do not read it: the broker looks at their subscriptions.
  if (reason === null || change.change !== 'delete-offsets' || members === null) return reason;
  const readers = list.filter((member) => member.assignments.some(({ topic }) => topic === change.topic)).length;
  return readers === 0 ? null : `${readers} of the ${members} ${members === 1 ? 'member' : 'members'} of ${change.group} ${readers === 1 ? 'reads' : 'read'} ${change.topic}: stop ${readers === 1 ? 'it' : 'them'} first.`;
}

async function positionsOf(change: GroupChange, group: GroupOffsets, snapshot: OffsetsSnapshot, { broker, signal }: RequestContext): Promise<ResetPosition[]> {
  const committed = new Map<string, { topic: string; partition: number; offset: bigint | null }>((group.committed ?? []).flatMap(({ topic, partitions, offsets }) => partitions.map((partition, i) => [`${topic}:${partition}`, { topic, partition, offset: offsets[i] ?? null }] as const)));
  const topic = change.change === 'delete-group' ? null : change.topic;
  const asked =
    change.change === 'reset-offsets' && change.partitions !== null ? change.partitions
    : topic !== null && change.change === 'reset-offsets' ? (snapshot.topics.get(topic)?.leaders ?? []).map((_, partition) => ({ topic, partition }))
    : [...committed.values()].filter((one) => topic === null || one.topic === topic);
  for (const at of asked) {
    const known = snapshot.topics.get(at.topic);
    if (change.change === 'reset-offsets' && (known?.leaders.length ?? 0) <= at.partition) throw new WaybillError('partition-not-found', `There is no partition ${at.partition} of a topic "${at.topic}".`, { status: 404 });
  }
  if (change.change === 'reset-offsets' && topic !== null && asked.length === 0) throw new WaybillError('topic-not-found', `There is no topic "${topic}".`, { status: 404 });
  if (asked.length > MAX_PARTITIONS) throw new WaybillError('too-many-partitions', `These are ${asked.length} partitions; at most ${MAX_PARTITIONS} are changed at once. Go topic by topic.`, { status: 413 });
  const distinct = [...new Map(asked.map(({ topic: name, partition }) => [`${name}:${partition}`, { topic: name, partition }] as const)).values()].toSorted((a, b) => (a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.partition - b.partition));
  const times = new Map<string, bigint | null>();
  if (change.change === 'reset-offsets' && change.to.kind === 'time') for (const found of await broker.findOffsetsAtTime(distinct, Date.parse(change.to.time))) times.set(`${found.topic}:${found.partition}`, found.offset);
  signal.throwIfAborted();
  return distinct.map((at) => {
    const log = snapshot.topics.get(at.topic);
    const key = `${at.topic}:${at.partition}`;
    const atTime = times.get(key);
    return {
      ...at,
      committedOffset: committed.get(key)?.offset ?? null,
      logStartOffset: log?.logStartOffsets[at.partition] ?? null,
      endOffset: log?.highWatermarks[at.partition] ?? null,
      ...(atTime === undefined ? {} : { atTime }),
    };
  });
}

/** @throws WaybillError where the broker refused the whole of it */
async function perform(change: GroupChange, chosen: readonly PlannedPartition[], { broker }: RequestContext): Promise<PartitionOutcome[]> {
  let outcomes: PartitionOutcome[];
  switch (change.change) {
    case 'reset-offsets':
      outcomes = await broker.resetOffsets(change.group, chosen.flatMap(({ topic, partition, to }) => (to === null ? [] : [{ topic, partition, offset: to }])));
      break;
    case 'delete-offsets':
      outcomes = await broker.deleteOffsets(change.group, chosen);
      break;
    case 'delete-group': {
      const failure = await broker.deleteGroup(change.group);
      if (failure) throw refused(change.group, failure);
      return [];
    }
  }
  const first = outcomes[0]?.failure;
  // One group, one coordinator: a refusal of every partition is one of the group.
  if (first && outcomes.every((outcome) => outcome.failure !== null)) throw refused(change.group, first);
  return outcomes;
}

const MEMBERS_JOINED = new Set(['unknown-member-id', 'stale-member-epoch', 'rebalance-in-progress', 'non-empty-group', 'illegal-generation', 'group-subscribed-to-topic']);

function refused(group: string, failure: BrokerFailure): WaybillError {
  if (MEMBERS_JOINED.has(failure.code)) return new WaybillError('group-not-empty', `The broker refused, because "${group}" has members again. Nothing was changed. Stop its consumers first.`, { status: 409, retryable: true });
  return new WaybillError('group-change-refused', `The broker refused: ${failure.message} Nothing was changed.`, { status: failure.retryable ? 502 : 409, retryable: failure.retryable, detail: { kafka: failure.code } });
}

function targetOf(to: ResetTargetWire): ResetTarget {
  switch (to.kind) {
    case 'time':
      return { kind: 'time', atMs: Date.parse(to.time) };
    case 'offset':
      return { kind: 'offset', offset: BigInt(to.offset) };
    case 'shift':
      return { kind: 'shift', by: BigInt(to.by) };
    case 'earliest':
    case 'latest':
      return to;
  }
}

function fingerprintOf(group: string, positions: readonly ResetPosition[]): string {
  return createHash('sha256').update(JSON.stringify([group, positions.map(({ topic, partition, committedOffset }) => [topic, partition, committedOffset?.toString() ?? null])])).digest('hex').slice(0, 32);
}

interface AnswerFacts {
  planned: readonly PlannedPartition[];
  outcomes: readonly PartitionOutcome[];
  positions: readonly ResetPosition[];
  type: string;
  state: string;
  members: number | null;
  blockedBecause: string | null;
  dryRun: boolean;
}

function answerOf(change: GroupChange, { planned, outcomes, positions, type, state, members, blockedBecause, dryRun }: AnswerFacts): GroupChangeAnswer {
  const failures = new Map(outcomes.filter((one) => one.failure !== null).map((one) => [`${one.topic}:${one.partition}`, one.failure?.message ?? '']));
  const failureOf = (p: PlannedPartition) => failures.get(`${p.topic}:${p.partition}`) ?? null;
  const moved = planned.filter((p) => failureOf(p) === null && (change.change === 'reset-offsets' ? p.to !== null && p.to !== p.from : true));
  const sum = (figure: 'skipped' | 'repeated') => moved.reduce((total, p) => total + (p[figure] ?? 0n), 0n).toString();
  return {
    group: change.group,
    type,
    state,
    members,
    dryRun,
    blockedBecause,
    partitions: planned.map((p) => ({ topic: p.topic, partition: p.partition, from: p.from?.toString() ?? null, to: p.to?.toString() ?? null, skipped: p.skipped?.toString() ?? null, repeated: p.repeated?.toString() ?? null, note: p.note, failure: failureOf(p) })),
    skipped: sum('skipped'),
    repeated: sum('repeated'),
    changed: moved.length,
    fingerprint: fingerprintOf(change.group, positions),
  };
}
