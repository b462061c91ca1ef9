import type { Broker } from '#lib/brokers/broker.ts';
import type { OffsetsSnapshot } from '#lib/brokers/port-offsets.ts';
import { errorText, WaybillError } from '#lib/errors.ts';
import { createAnchors, insertPast } from '#lib/lag/anchors.ts';
import type { ClusterState, GroupPartitionState, GroupState, TopicState } from '#lib/lag/cluster-state.ts';
import { observeGroup } from '#lib/lag/observe-group.ts';
import { observeMinute } from '#lib/lag/observe-minute.ts';
import { observeTopic } from '#lib/lag/observe-topics.ts';
import { memberChanges } from '#lib/lag/member-changes.ts';
import { packCommitSample, packTopicSample } from '#lib/lag/pack-sample.ts';
import { partitionLag } from '#lib/lag/partition-lag.ts';
import { statusTimes } from '#lib/lag/partition-status.ts';
import { storedStatus } from '#lib/lag/stored-status.ts';
import { TRANSACTION_TIMES, type TransactionTimes } from '#lib/lag/watch-blocked.ts';
import type { GroupMember } from '#lib/model/lag.ts';
import { analyseOffsets } from '#lib/store/lag/analyse-offsets.ts';
import { claimCluster } from '#lib/store/lag/claim-cluster.ts';
import { loadClusterState } from '#lib/store/lag/load-cluster-state.ts';
import { type CycleFigures, saveClusterCycle, saveClusterDown } from '#lib/store/lag/save-cluster.ts';
import { type GroupEventRow, insertGroupEvents } from '#lib/store/lag/save-events.ts';
import { deleteGroups, type GroupRow, insertGroups, updateGroups, updateMembers } from '#lib/store/lag/save-groups.ts';
import { saveGroupFigures } from '#lib/store/lag/save-group-figures.ts';
import { insertMinutes, type MinuteRow, noteClusterMinute } from '#lib/store/lag/save-minutes.ts';
import { type GroupPartitionRow, insertSamples, type TopicPartitionRow, upsertGroupPartitions, upsertTopicPartitions } from '#lib/store/lag/save-offsets.ts';
import { deleteTopics, growTopics, insertTopics } from '#lib/store/lag/save-topics.ts';
import { ensureAllPartitions } from '#lib/store/partitions.ts';
import type { Statements, Store } from '#lib/store/store.ts';
import { openTransactionSearch } from './find-open-transactions.ts';

export interface OffsetsCollection {
  /**
   * One cycle: reads the whole cluster, decides, stores.
   * @returns what was read and how long it took
   * @throws where no broker answered (the cluster is then stored as down, everything else stays as it was), or WaybillError `cluster-mismatch`
   */
  collect(options: { now: Date; signal: AbortSignal }): Promise<CycleFigures & { clusterId: number }>;
  /** Forgets what is in memory: another process wrote in between. The next cycle loads it from the store. */
  forget(): void;
}

/** Members change with the group's state, which every cycle sees; besides that they are asked this often. */
const DESCRIBE_EVERY_MS = 60_000;
/** Older anchors are asked of the broker where the age of a backlog is only a lower bound. Ages in ms; one request a leader each. */
const BACKFILL_LADDER_MS = [60_000, 300_000, 900_000, 3_600_000, 21_600_000, 86_400_000];
const BACKFILL_EVERY_MS = 3_600_000;
const BACKFILL_PARTITIONS = 2_000;
/** The planner is told when the cluster has twice the rows it was told of, and this many. */
const ANALYSE_ROWS = 1_000;

/** The collection of one cluster's offsets. Holds the state of the cluster in memory; a second instance on the same cluster must hold a lease first. */
export function openOffsetsCollection({ store, broker, configuredNames, intervalMs, onIdentified, transactionTimes = TRANSACTION_TIMES, mayWrite }: { store: Store; broker: Broker; configuredNames: readonly string[]; intervalMs: number; onIdentified: (clusterId: number) => void; transactionTimes?: TransactionTimes; mayWrite?: (tx: Statements) => Promise<boolean> }): OffsetsCollection {
  let state: ClusterState | null = null;
  let kafkaClusterId: string | null = null;
  let analysedRows = 0;
  const times = statusTimes(intervalMs);
  const transactions = openTransactionSearch({ store, broker, times: transactionTimes });

  async function collect({ now, signal }: { now: Date; signal: AbortSignal }): Promise<CycleFigures & { clusterId: number }> {
    const started = performance.now();
    let snapshot: OffsetsSnapshot;
    try {
      snapshot = await broker.snapshotOffsets({ signal });
    } catch (error) {
      if (!signal.aborted) {
        await saveClusterDown(store, broker.name, errorText(error), now);
        await store.notify('lag', { cluster: broker.name, down: true });
      }
      throw error;
    }
    const cluster = await identified(snapshot, now);
    const readAtMs = snapshot.endsReadAt;
    const at = new Date(readAtMs);
    cluster.cycle += 1;
    cluster.cycleTimes[cluster.cycle % cluster.cycleTimes.length] = readAtMs;

    try {
      const topicsGone = await syncTopics(cluster, snapshot, at);
      const missing = await syncGroups(cluster, snapshot, at);

      const topicsDirty: { topic: TopicState; partitions: number[] }[] = [];
      const topicSamples: { id: number; packed: Buffer }[] = [];
      let partitions = 0;
      let partitionsFailed = 0;
      for (const read of snapshot.topics.values()) {
        const topic = cluster.topics.get(read.name);
        if (!topic) continue;
        const { changed, dirty } = observeTopic(topic, read, readAtMs);
        partitions += topic.partitions.length;
        partitionsFailed += topic.partitions.reduce((failed, p) => failed + (p.failedSince === null ? 0 : 1), 0);
        if (changed.length > 0) topicSamples.push({ id: topic.id, packed: packTopicSample(changed) });
        if (dirty.length > 0) topicsDirty.push({ topic, partitions: dirty });
      }
      await backfill(cluster, snapshot, readAtMs);

      const figures = { clamped: 0, groupsFailed: 0, groupPartitions: 0 };
      const groupRows: GroupRow[] = [];
      const events: GroupEventRow[] = [];
      const partitionsDirty: { groupId: number; partitions: GroupPartitionState[] }[] = [];
      const groupSamples: { id: number; packed: Buffer }[] = [];
      const minutes: MinuteRow[] = [];
      const touched: { id: number; producedPerSecond: number | null; consumedPerSecond: number | null }[] = [];
      const topicsTouched = new Set(topicsDirty.map(({ topic }) => topic.id));
      for (const read of snapshot.groups) {
        const group = cluster.groups.get(read.name);
        if (!group) continue;
        const seen = observeGroup(cluster, group, read, times, readAtMs);
        figures.clamped += seen.clamped;
        if (seen.rebalanceBegan) events.push({ groupId: group.id, at, kind: 'rebalance', joined: null, left: null });
        if (group.failedSince !== null) figures.groupsFailed += 1;
        for (const byPartition of group.partitions.values()) figures.groupPartitions += byPartition.size;
        if (seen.groupDirty) groupRows.push(groupRow(group));
        if (seen.dirty.length > 0) partitionsDirty.push({ groupId: group.id, partitions: seen.dirty });
        if (seen.changed.length > 0) groupSamples.push({ id: group.id, packed: packCommitSample(seen.changed) });
        const minute = observeMinute(group, seen, readAtMs);
        if (minute) minutes.push({ ...minute, groupId: group.id, minute: new Date(minute.minute) });
        const { producedPerSecond, consumedPerSecond } = seen;
        const rated = group.storedRates?.produced !== producedPerSecond || group.storedRates.consumed !== consumedPerSecond;
        if (rated || topicsGone || seen.dirty.length > 0 || [...group.partitions.keys()].some((id) => topicsTouched.has(id))) touched.push({ id: group.id, producedPerSecond, consumedPerSecond });
        group.storedRates = { produced: producedPerSecond, consumed: consumedPerSecond };
      }
      // Groups that nobody listed in this cycle: what became of their topics is told once, and has to reach their figures now.
      for (const name of missing.keys()) {
        const group = cluster.groups.get(name);
        if (group && (topicsGone || [...group.partitions.keys()].some((id) => topicsTouched.has(id)))) touched.push({ id: group.id, producedPerSecond: group.storedRates?.produced ?? null, consumedPerSecond: group.storedRates?.consumed ?? null });
      }
      figures.groupsFailed += markMissing(cluster, missing, readAtMs, groupRows);

      const failures = [...snapshot.brokerFailures];
      const known = snapshot.cluster.nodes.length;
      const lastError = failures.length === 0 ? firstFailure(cluster, figures.groupsFailed, partitionsFailed) : `${known - failures.length} of ${known} brokers answered; broker ${failures[0]?.[0]}: ${failures[0]?.[1].message}`;
      let rowsWritten = 0;
      const durationOf = () => Math.round(performance.now() - started);
      const cycle = (): CycleFigures => ({
        durationMs: durationOf(),
        readMs: Math.round(snapshot.durationMs),
        requests: snapshot.requests,
        groups: cluster.groups.size,
        groupsFailed: figures.groupsFailed,
        partitions,
        partitionsFailed,
        groupPartitions: figures.groupPartitions,
        clamped: figures.clamped,
        throttledMs: snapshot.throttledMs,
        intervalMs,
        rowsWritten,
      });
      await store.transaction(async (tx: Statements) => {
        if (mayWrite && !(await mayWrite(tx))) throw new WaybillError('lease-lost', `Another process collects "${broker.name}" now. What this one read is dropped.`);
        rowsWritten += await upsertTopicPartitions(tx, topicRows(topicsDirty));
        rowsWritten += await upsertGroupPartitions(tx, partitionRows(partitionsDirty));
        rowsWritten += await updateGroups(tx, groupRows);
        rowsWritten += await insertSamples(tx, 'topic_offset_sample', at, topicSamples);
        rowsWritten += await insertSamples(tx, 'group_commit_sample', at, groupSamples);
        rowsWritten += await saveGroupFigures(tx, touched);
        rowsWritten += await insertMinutes(tx, minutes);
        await noteClusterMinute(tx, cluster.clusterId, at);
        await insertGroupEvents(tx, events);
        await saveClusterCycle(tx, {
          id: cluster.clusterId,
          brokers: snapshot.cluster.nodes,
          controllerId: snapshot.cluster.controllerId,
          state: failures.length === 0 && partitionsFailed === 0 && figures.groupsFailed === 0 ? 'ok' : 'partial',
          lastError,
          at,
          figures: cycle(),
        });
        await store.notify('lag', { cluster: broker.name }, tx);
      });
      // A table that just went from nothing to many rows is planned as if it were empty until it is analysed.
      if (figures.groupPartitions + partitions >= 2 * analysedRows + ANALYSE_ROWS) {
        await analyseOffsets(store);
        analysedRows = figures.groupPartitions + partitions;
      }
      const result = { ...cycle(), clusterId: cluster.clusterId };
      // On its own pace and after the figures are out: members are detail, offsets are the point.
      await describeMembers(cluster, readAtMs, signal);
      await transactions.search(cluster, readAtMs, signal);
      return result;
    } catch (error) {
      // Memory and store may differ now; the store is right.
      state = null;
      throw error;
    }
  }

  async function identified(snapshot: OffsetsSnapshot, now: Date): Promise<ClusterState> {
    // A cluster without an id of its own (none since Kafka 0.10) is known by its configured name.
    const id = snapshot.cluster.clusterId ?? `name:${broker.name}`;
    if (state !== null && id === kafkaClusterId) return state;
    const claimed = await claimCluster(store, broker.name, id, configuredNames);
    if (claimed.refusedBecause !== null) {
      state = null;
      const { storedClusterId, storedName } = claimed.refusedBecause;
      const message =
        storedName === broker.name
          ? `"${broker.name}" is stored as the Kafka cluster ${storedClusterId}, but ${id} answers now. Give the other cluster a name of its own in the configuration.`
          : `"${broker.name}" and "${storedName}" are the same Kafka cluster (${id}). Remove one of them from the configuration.`;
      await saveClusterDown(store, broker.name, message, now);
      throw new WaybillError('cluster-mismatch', message, { status: 409 });
    }
    kafkaClusterId = id;
    onIdentified(claimed.id);
    // Not left to the retention collector alone: this one may run first, or by itself.
    await ensureAllPartitions(store, now);
    state = await loadClusterState(store, claimed.id, now);
    return state;
  }

  /** @returns whether topics are gone, and the commits in them */
  async function syncTopics(cluster: ClusterState, snapshot: OffsetsSnapshot, at: Date): Promise<boolean> {
    const gone: TopicState[] = [];
    const added: { name: string; kafkaTopicId: string | null; partitionCount: number; replicationFactor: number | null; internal: boolean }[] = [];
    const grown: { id: number; partitionCount: number }[] = [];
    for (const topic of cluster.topics.values()) {
      const read = snapshot.topics.get(topic.name);
      // An internal topic is read only while a group uses it; that it is not read now does not mean that it is gone.
      if (!read ? !topic.internal : isRecreated(topic, read.topicId, read.highWatermarks)) gone.push(topic);
    }
    await keepUnseen(gone, snapshot);
    for (const topic of gone) {
      cluster.topics.delete(topic.name);
      cluster.topicsById.delete(topic.id);
    }
    for (const read of snapshot.topics.values()) {
      const topic = cluster.topics.get(read.name);
      if (!topic) added.push({ name: read.name, kafkaTopicId: read.topicId, partitionCount: read.leaders.length, replicationFactor: read.replicationFactor, internal: read.internal });
      else if (read.leaders.length > topic.partitions.length) {
        while (topic.partitions.length < read.leaders.length) topic.partitions.push(newPartition(at.getTime()));
        grown.push({ id: topic.id, partitionCount: topic.partitions.length });
      }
    }
    await deleteTopics(store, gone.map((topic) => topic.id), at);
    const ids = await insertTopics(store, cluster.clusterId, added, at);
    for (const topic of added) {
      const id = ids.get(topic.name);
      if (id === undefined) continue;
      const made: TopicState = { id, name: topic.name, kafkaTopicId: topic.kafkaTopicId ?? '', internal: topic.internal, partitions: Array.from({ length: topic.partitionCount }, () => newPartition(at.getTime())) };
      cluster.topics.set(made.name, made);
      cluster.topicsById.set(id, made);
    }
    await growTopics(store, grown);
    return gone.length > 0;
  }

  /** A topic that is missing from the list, but may be there, stays: with its last figures, and the reason why they are old. */
  async function keepUnseen(gone: TopicState[], snapshot: OffsetsSnapshot): Promise<void> {
    const unseen = gone.filter((topic) => !snapshot.topics.has(topic.name));
    if (unseen.length === 0) return;
    const confirmed = await broker.confirmTopicsGone(unseen.map((topic) => topic.name));
    for (const topic of unseen) {
      const failure = confirmed.get(topic.name);
      if (failure === null) continue;
      gone.splice(gone.indexOf(topic), 1);
      const none = () => topic.partitions.map(() => null);
      const why = failure ?? { code: 'not-answered', message: 'The broker left this topic out of its answer.', retryable: true };
      snapshot.topics.set(topic.name, { name: topic.name, topicId: topic.kafkaTopicId, internal: topic.internal, replicationFactor: null, leaders: none(), highWatermarks: none(), lastStableOffsets: none(), logStartOffsets: none(), failures: new Map(topic.partitions.map((_, partition) => [partition, why])) });
    }
  }

  /** @returns groups that no broker lists, and that are not gone for all that is known: with the reason */
  async function syncGroups(cluster: ClusterState, snapshot: OffsetsSnapshot, at: Date): Promise<Map<string, string>> {
    const listed = new Set(snapshot.groups.map((group) => group.name));
    const added = [...listed].filter((name) => !cluster.groups.has(name));
    const ids = await insertGroups(store, cluster.clusterId, added, at);
    for (const [name, id] of ids) cluster.groups.set(name, newGroup(id, name));
    const missing = new Map<string, string>();
    const unlisted = [...cluster.groups.values()].filter((group) => !listed.has(group.name));
    if (unlisted.length === 0) return missing;
    const confirmed = await broker.confirmGroupsGone(unlisted, snapshot.brokerFailures);
    const gone = unlisted.filter((group) => confirmed.get(group.name) === null);
    await deleteGroups(store, gone.map((group) => ({ id: group.id, expired: hasWaiting(cluster, group) })), at);
    for (const group of gone) cluster.groups.delete(group.name);
    for (const { name } of unlisted) if (confirmed.get(name) !== null) missing.set(name, confirmed.get(name)?.message ?? 'No broker lists this group at the moment.');
    return missing;
  }

  async function backfill(cluster: ClusterState, snapshot: OffsetsSnapshot, nowMs: number): Promise<void> {
    const wanted: { topic: string; partition: number }[] = [];
    for (const group of snapshot.groups) {
      for (const { topic: name, partitions, offsets } of group.committed ?? []) {
        const topic = cluster.topics.get(name);
        for (let i = 0; topic && i < partitions.length && wanted.length < BACKFILL_PARTITIONS; i += 1) {
          const partition = partitions[i] ?? -1;
          const end = topic.partitions[partition];
          const offset = offsets[i] ?? 0n;
          if (!end || end.endOffset === null || offset >= end.endOffset || offset >= (end.anchors.offsets[0] ?? 0n)) continue;
          if (end.backfilledAt !== null && nowMs - end.backfilledAt < BACKFILL_EVERY_MS) continue;
          end.backfilledAt = nowMs;
          wanted.push({ topic: name, partition });
        }
      }
    }
    if (wanted.length === 0) return;
    for (const ageMs of BACKFILL_LADDER_MS) {
      for (const found of await broker.findOffsetsAtTime(wanted, nowMs - ageMs).catch(() => [])) {
        const anchors = cluster.topics.get(found.topic)?.partitions[found.partition]?.anchors;
        if (!anchors) continue;
        if (found.offset !== null && found.timestamp !== null) insertPast(anchors, found.offset, found.timestamp);
        // Nothing was written since then: the end stood where it stands.
        else if (anchors.offsets.length === 1) anchors.firstAt[0] = Math.min(anchors.firstAt[0] ?? nowMs, nowMs - ageMs);
      }
    }
  }

  async function describeMembers(cluster: ClusterState, nowMs: number, signal: AbortSignal): Promise<void> {
    const due = [...cluster.groups.values()].filter((group) => group.coordinator !== null && group.state !== 'Empty' && group.state !== 'Dead' && (group.describedAt === null || nowMs - group.describedAt >= DESCRIBE_EVERY_MS));
    if (due.length === 0 || signal.aborted) return;
    const rows: { id: number; members: string; protocol: string | null; at: Date }[] = [];
    const events: GroupEventRow[] = [];
    for (const described of await broker.describeGroups(due.map((group) => ({ name: group.name, type: group.type, coordinator: group.coordinator ?? -1 })))) {
      const group = cluster.groups.get(described.group);
      if (!group) continue;
      group.describedAt = nowMs;
      if (described.members === null) continue;
      group.memberCount = described.members.length;
      const json = JSON.stringify(described.members);
      if (json === group.membersJson) continue;
      const changes = group.membersJson === null ? null : memberChanges(JSON.parse(group.membersJson) as GroupMember[], described.members);
      if (changes !== null) events.push({ groupId: group.id, at: new Date(nowMs), kind: 'members', ...changes });
      group.membersJson = json;
      rows.push({ id: group.id, members: json, protocol: described.protocol, at: new Date(nowMs) });
    }
    await updateMembers(store, rows);
    await insertGroupEvents(store, events);
  }

  return { collect, forget: () => (state = null) };
}

/** Groups that could not be read in this cycle keep their figures, and say why they are old. */
function markMissing(cluster: ClusterState, reasons: ReadonlyMap<string, string>, nowMs: number, rows: GroupRow[]): number {
  let missing = 0;
  for (const [name, error] of reasons) {
    const group = cluster.groups.get(name);
    if (!group) continue;
    missing += 1;
    if (group.failedSince !== null && group.error === error) continue;
    group.failedSince ??= nowMs;
    group.error = error;
    if (group.status !== 'unknown') {
      group.known = group.status;
      group.knownSince = group.statusSince;
      group.status = 'unknown';
      group.statusSince = nowMs;
    }
    rows.push(groupRow(group));
  }
  return missing;
}

function isRecreated(topic: TopicState, topicId: string | null, ends: readonly (bigint | null)[]): boolean {
  if (topicId !== null && !topic.kafkaTopicId.startsWith('generation:') && topic.kafkaTopicId !== '') return topicId !== topic.kafkaTopicId;
  if (topicId !== null) return false;
  // Without ids: an end that went back to less than half is taken for a new log, a smaller step for a log that was cut short.
  return topic.partitions.some((partition, i) => partition.endOffset !== null && partition.endOffset > 0n && ends[i] !== null && ends[i] !== undefined && (ends[i] ?? 0n) * 2n < partition.endOffset);
}

/** What is said of a cluster whose brokers all answered, but not for everything: how much is missing, and the first reason. */
function firstFailure(cluster: ClusterState, groupsFailed: number, partitionsFailed: number): string | null {
  if (groupsFailed > 0) {
    for (const group of cluster.groups.values()) if (group.failedSince !== null) return `${groupsFailed} of ${cluster.groups.size} groups could not be read: ${group.error ?? group.name}`;
  }
  if (partitionsFailed > 0) {
    for (const topic of cluster.topics.values()) for (const [i, partition] of topic.partitions.entries()) if (partition.failedSince !== null) return `${partitionsFailed} partitions could not be read: ${topic.name}:${i}: ${partition.error ?? 'no reason given'}`;
  }
  return null;
}

function hasWaiting(cluster: ClusterState, group: GroupState): boolean {
  for (const [topicId, byPartition] of group.partitions) {
    const topic = cluster.topicsById.get(topicId);
    for (const state of byPartition.values()) {
      const end = topic?.partitions[state.partition];
      const { lag } = partitionLag({ committedOffset: state.committedOffset, acknowledgedAhead: state.acknowledgedAhead, endOffset: end?.endOffset ?? null, lastStableOffset: null, logStartOffset: null });
      if (lag !== null && lag > 0n) return true;
    }
  }
  return false;
}

function newPartition(nowMs: number): TopicState['partitions'][number] {
  return { leader: null, endOffset: null, lastStableOffset: null, logStartOffset: null, grown: null, changedAt: nowMs, failedSince: null, error: null, anchors: createAnchors(), backfilledAt: null };
}

function newGroup(id: number, name: string): GroupState {
  return {
    id,
    name,
    type: 'unknown',
    state: '',
    coordinator: null,
    memberCount: null,
    membersJson: null,
    describedAt: null,
    rebalancingSince: null,
    failedSince: null,
    lastGoodAt: null,
    error: null,
    status: 'unknown',
    statusSince: null,
    known: 'ok',
    knownSince: null,
    partitions: new Map(),
    rates: [],
    minute: null,
    writtenMinute: null,
    storedRates: null,
  };
}

function* topicRows(dirty: readonly { topic: TopicState; partitions: readonly number[] }[]): Generator<TopicPartitionRow> {
  for (const { topic, partitions } of dirty) for (const partition of partitions) yield topicRow(topic, partition);
}

function* partitionRows(dirty: readonly { groupId: number; partitions: readonly GroupPartitionState[] }[]): Generator<GroupPartitionRow> {
  for (const { groupId, partitions } of dirty) for (const partition of partitions) yield partitionRow(groupId, partition);
}

function topicRow(topic: TopicState, partition: number): TopicPartitionRow {
  const state = topic.partitions[partition] ?? newPartition(0);
  return {
    topicId: topic.id,
    partition,
    leader: state.leader,
    endOffset: state.endOffset,
    lastStableOffset: state.lastStableOffset,
    logStartOffset: state.logStartOffset,
    changedAt: new Date(state.changedAt),
    failedSince: dateOf(state.failedSince),
    lastError: state.error,
  };
}

function partitionRow(groupId: number, state: GroupPartitionState): GroupPartitionRow {
  const stored = storedStatus(state);
  return {
    groupId,
    topicId: state.topicId,
    partition: state.partition,
    committedOffset: state.committedOffset,
    acknowledgedAhead: state.acknowledgedAhead,
    committedAt: dateOf(state.committedAt),
    previousOffset: state.previousOffset,
    oldestAt: dateOf(state.oldestAt),
    oldestQuality: state.oldestQuality,
    commitGapMs: state.commitGapMs === null ? null : Math.min(state.commitGapMs, 2 ** 31 - 1),
    rewoundAt: dateOf(state.rewoundAt),
    endAtCommit: state.endAtCommit,
    watchedSince: new Date(state.watchedSince),
    status: stored.status,
    statusSince: dateOf(stored.since),
  };
}

function groupRow(group: GroupState): GroupRow {
  return {
    id: group.id,
    type: group.type,
    state: group.state,
    coordinator: group.coordinator,
    status: group.status,
    statusSince: dateOf(group.statusSince),
    knownStatus: group.knownSince === null ? null : group.known,
    knownSince: dateOf(group.knownSince),
    rebalancingSince: dateOf(group.rebalancingSince),
    failedSince: dateOf(group.failedSince),
    lastGoodAt: dateOf(group.failedSince === null ? null : group.lastGoodAt),
    lastError: group.error,
  };
}

function dateOf(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms);
}
