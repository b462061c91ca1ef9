import type { Broker } from '../broker.ts';
import { browse } from './browse.ts';
import { confirmGroupsGone, confirmTopicsGone } from './confirm-gone.ts';
import type { Kafka } from './connect.ts';
import { deleteGroup, deleteOffsets } from './delete-groups.ts';
import { describeCluster } from './describe-cluster.ts';
import { describeGroups } from './describe-groups.ts';
import { describeOffsetsRetention } from './describe-offsets-retention.ts';
import { describeOpenTransactions } from './describe-open-transactions.ts';
import { describeReplayTargets, missingTopics } from './describe-replay-targets.ts';
import { describeTopics } from './describe-topics.ts';
import { findNewestTimestamps, findOffsetsAtTime } from './find-offsets-at-time.ts';
import { describeRights } from './describe-rights.ts';
import { describeRetention } from './describe-retention.ts';
import { fetchRecords } from './fetch-records.ts';
import { joinGroup } from './join-group.ts';
import { listTopics } from './list-topics.ts';
import { openReplay } from './open-replay.ts';
import { readEndOffsets } from './read-end-offsets.ts';
import { readMessage } from './read-message.ts';
import { readRanges } from './read-ranges.ts';
import { resetOffsets } from './reset-offsets.ts';
import { scanForReplay } from './scan-for-replay.ts';
import { seesEveryTopic } from './sees-every-topic.ts';
import { snapshotOffsets } from './snapshot-offsets.ts';
import { createTopicLayout } from './topic-layout.ts';

/** Kafka behind the port: each verb is a file of its own. */
export function createKafkaBroker(kafka: Kafka): Broker {
  const layout = createTopicLayout(kafka);
  return {
    kind: 'kafka',
    name: kafka.clusterName,
    describeCluster: () => describeCluster(kafka),
    snapshotOffsets: (options) => snapshotOffsets(kafka, layout, options),
    describeGroups: (groups) => describeGroups(kafka, groups),
    describeOpenTransactions: (partitions) => describeOpenTransactions(kafka, partitions),
    confirmGroupsGone: (groups, silent) => confirmGroupsGone(kafka, groups, silent),
    confirmTopicsGone: (names) => confirmTopicsGone(kafka, names),
    describeOffsetsRetention: () => describeOffsetsRetention(kafka),
    seesEveryTopic: () => seesEveryTopic(kafka),
    resetOffsets: (group, offsets) => resetOffsets(kafka, group, offsets),
    deleteOffsets: (group, partitions) => deleteOffsets(kafka, group, partitions),
    deleteGroup: (group) => deleteGroup(kafka, group),
    joinGroup: (request) => joinGroup(kafka, request),
    findOffsetsAtTime: (partitions, timestampMs) => findOffsetsAtTime(kafka, partitions, timestampMs),
    findNewestTimestamps: (partitions) => findNewestTimestamps(kafka, partitions),
    listTopics: () => listTopics(kafka),
    describeTopics: (options) => describeTopics(kafka, options),
    describeRetention: (topics) => describeRetention(kafka, topics),
    readRanges: (partitions) => readRanges(kafka, partitions),
    tailDeadLetters: (positions, options) => fetchRecords(kafka, positions, options),
    readMessage: (at, options) => readMessage(kafka, at, options),
    browse: (request, take, signal) => browse(kafka, request, take, signal),
    describeReplayTargets: (topics) => describeReplayTargets(kafka, topics),
    missingTopics: (topics) => missingTopics(kafka, topics),
    readEndOffsets: (topics) => readEndOffsets(kafka, topics),
    openReplay: (job, hooks) => openReplay(kafka.clientOptions, job, hooks),
    scanForReplay: (scan, signal) => scanForReplay(kafka, scan, signal),
    describeRights: () => describeRights(kafka),
    close: () => kafka.close(),
  };
}
