import type { LagStatus, SecondsQuality } from '#lib/model/lag.ts';
import { count, words } from './in-words.ts';
import type { TimeToDrain } from './time-to-drain.ts';

export interface GroupFigures {
  name: string;
  status: LagStatus;
  /** Epoch ms. */
  statusSince: number | null;
  lag: bigint | null;
  oldestSeconds: number | null;
  oldestQuality: SecondsQuality;
  /** Most lag first; those without lag may follow. */
  topics: readonly string[];
  /** How many topics have lag. */
  topicsBehind: number;
  /** Partitions with records waiting, of those with a commit. */
  partitionsBehind: number;
  partitions: number;
  unknownPartitions: number;
  uncommittedPartitions: number;
  /** Commits beyond the end of the log. */
  beyondPartitions: number;
  /** Records deleted before they were read. */
  lost: bigint;
  /** Records that came since the commits last moved, where records wait. null = not known. */
  arrived: bigint | null;
  /** How long the group has been watched, where that is too short to tell a trend. null = long enough. */
  watchedMs: number | null;
  members: number | null;
  drain: TimeToDrain;
  /** Why the last reading failed, where it did. */
  error: string | null;
  /** Which right is missing to see some of what the group reads; null where nothing is known to be hidden. */
  hidden: string | null;
  /** Waybill may see only some topics: that no commit is seen does not mean that there is none. */
  mayHide: boolean;
  /** Of an expired group: why its commits count as expired. null where they may have been deleted as well. */
  endedBecause: string | null;
}

/** One sentence or two, in the order subject, state, since when, figure, cause. All figures are words already: nothing in it is to be parsed. */
export function explainGroup(group: GroupFigures, nowMs: number): string {
  const since = group.statusSince === null ? '' : ` ${words(Math.max(0, nowMs - group.statusSince))} ago`;
  const waiting = waits(group);
  const partial = group.unknownPartitions > 0 && group.status !== 'unknown' ? ` ${count(group.unknownPartitions, 'partition')} could not be read${group.hidden === null ? '.' : `: ${group.hidden}`}` : '';
  const beyond = group.beyondPartitions > 0 && group.error === null ? ` The commit on ${count(group.beyondPartitions, 'partition')} lies beyond the end of its log: the topic was made anew or cut short, and the next read starts where auto.offset.reset says.` : '';
  return `${sentence(group, since, waiting, nowMs)}${partial}${beyond}`;
}

function sentence(group: GroupFigures, since: string, waiting: string, nowMs: number): string {
  const { name } = group;
  switch (group.status) {
    case 'losing-data':
      return `${name} is losing data: ${count(group.lost, 'record')} ${group.lost === 1n ? 'was' : 'were'} deleted by retention before it read them.${waiting}`;
    case 'stopped':
      if (group.arrived === null || group.arrived === 0n || group.statusSince === null) return `${name} stopped${since}.${waiting} ${memberSentence(group)}`.trimEnd();
      return `${name} stopped: no commit for ${words(Math.max(0, nowMs - group.statusSince))} while ${count(group.arrived, 'record')} arrived${connected(group)}.${waiting}`;
    case 'stalled':
      return `${name} is stalled on ${count(group.partitionsBehind, 'partition')}${lasting(group, nowMs)}: the offset does not move although records wait.${waiting}`;
    case 'rewound':
      return `${name} went back${since}: its committed offset is lower than before.${waiting}`;
    case 'falling-behind':
      return `${name} has been falling behind${lasting(group, nowMs)}.${waiting}${group.drain === 'never' ? ' At this rate it never catches up.' : ''}`;
    case 'rebalancing':
      return `${name} has been rebalancing${lasting(group, nowMs)}; partitions that change hands are not read meanwhile.${waiting}`;
    case 'expired':
      if (group.endedBecause !== null) return `The committed offsets of ${name} expired${since} with records still waiting: ${group.endedBecause}. Its next member starts where auto.offset.reset says.`;
      return `The committed offsets of ${name} expired or were deleted${since} with records still waiting. Its next member starts where auto.offset.reset says.`;
    case 'unknown':
      if (group.error !== null) return `${name} could not be read${since}: ${group.error}`;
      if (group.hidden !== null) return `The lag of ${name} is unknown${group.lag === null ? '' : ' in part'}: ${group.hidden}`;
      if (group.mayHide && group.partitions === 0 && group.uncommittedPartitions === 0) return `No commit of ${name} is visible, so its lag is unknown: it has never committed an offset, or only in topics that Waybill's user has no right to DESCRIBE.`;
      return group.uncommittedPartitions > 0 || group.partitions === 0 ? `${name} has never committed an offset, so its lag is unknown.` : `The lag of ${name} is unknown.`;
    case 'empty':
      return `${name} has no members, and nothing waits for it${group.unknownPartitions > 0 ? ' where Waybill can read' : ''}.`;
    case 'ok':
      if (group.lag === null || group.lag === 0n) return `${name} keeps up.`;
      if (group.watchedMs !== null) return `${name} has been watched for ${words(group.watchedMs)}: too short to say whether it keeps up.${waiting}`;
      if (group.drain !== null && group.drain !== 'never' && group.drain.seconds >= 30) return `${name} is catching up, in about ${words(group.drain.seconds * 1_000)}.${waiting}`;
      // Between two commits of a group that keeps up there is always something: what it has not committed yet is no backlog.
      return `${name} keeps up, ${count(group.lag, 'record')} behind${place(group)}${oldest(group, PASSING_SECONDS)}.`;
  }
}

/** A record that waits for less than this says nothing: the next commit takes it. */
const PASSING_SECONDS = 30;

function waits(group: GroupFigures): string {
  if (group.lag === null || group.lag <= 0n) return '';
  return ` ${count(group.lag, 'record')} wait${group.lag === 1n ? 's' : ''}${place(group)}${oldest(group, 1)}.`;
}

function place(group: GroupFigures): string {
  const [first] = group.topics;
  if (first === undefined) return '';
  return group.topicsBehind <= 1 ? ` on ${first}` : ` on ${first} and ${count(group.topicsBehind - 1, 'more topic')}`;
}

function oldest(group: GroupFigures, fromSeconds: number): string {
  return group.oldestSeconds === null || group.oldestSeconds < fromSeconds ? '' : `, the oldest ${group.oldestQuality === 'at-least' ? 'at least ' : ''}${words(group.oldestSeconds * 1_000)}`;
}

function connected(group: GroupFigures): string {
  if (group.members === null) return '';
  if (group.members === 0) return '; no member is connected';
  return group.members === 1 ? '; 1 member is connected' : `; ${count(group.members, 'member')} are connected`;
}

function memberSentence(group: GroupFigures): string {
  if (group.members === null) return '';
  if (group.members === 0) return 'No member is connected.';
  return group.members === 1 ? '1 member is connected but does not commit.' : `${count(group.members, 'member')} are connected but none commits.`;
}

function lasting(group: GroupFigures, nowMs: number): string {
  return group.statusSince === null ? '' : ` for ${words(Math.max(0, nowMs - group.statusSince))}`;
}
