import { ReplaySendError } from '#lib/brokers/port-replay.ts';
import type { LogPosition } from '#lib/model/replay.ts';
import { saveAnchors } from '#lib/store/replays/save-items.ts';
import { knownPartitionCounts, startOf, summariseSelection } from '#lib/store/replays/select-dead-letters.ts';
import type { Targets } from './prepare-items.ts';
import { recoverReplay } from './recover-replay.ts';
import type { ReplayRun } from './replay-work.ts';

/**
 * What stands before the first send of a run. Of the job's first run: the target's ends are saved, then a starting position is committed for
 * every DLQ partition of the selection. Of any later run: recovery.
 * @throws ReplaySendError "denied" where Waybill may not write to a target
 */
export async function anchorReplay(run: ReplayRun): Promise<Targets | 'needs-decision'> {
  const { work, job } = run;
  const { store, holder, broker } = work;
  // The selection is only asked at the very start: a filter by state no longer matches what the job itself has moved on.
  const selection = job.anchors === null ? (job.summary ?? startOf(await summariseSelection(store, job.selection, job.clusterId, job.snapshotSeq))) : null;
  const topics = job.targetTopic !== null ? [job.targetTopic] : [...new Set(selection?.originTopics ?? job.anchors!.targetEnds.map(({ topic }) => topic))];
  const targets: Targets = { now: await broker.describeReplayTargets(topics), partitionsBefore: await knownPartitionCounts(store, job.clusterId) };
  const locked = [...targets.now.values()].find((target) => target.writable === false);
  if (locked) throw new ReplaySendError('denied', `Waybill may not write to ${locked.topic}. Grant WRITE on the topic to its principal.`);
  if (selection === null) return (await recoverReplay(run)) === 'needs-decision' ? 'needs-decision' : targets;

  const ends = await broker.readEndOffsets(topics);
  const anchors = { start: selection.start, targetEnds: ends.map(wirePosition) };
  await saveAnchors(store, job.id, holder, anchors);
  run.job = { ...run.job, anchors };
  if (selection.start.length > 0) await run.sender.commitPositions(selection.start.map((at) => ({ ...at, offset: BigInt(at.offset) })));
  await work.failpoint?.('anchored');
  return targets;
}

function wirePosition(at: LogPosition): { topic: string; partition: number; offset: string } {
  return { topic: at.topic, partition: at.partition, offset: at.offset.toString() };
}
