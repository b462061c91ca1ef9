import type { Config } from '#lib/config.ts';
import { errorText } from '#lib/errors.ts';
import { ensureAllPartitions } from '#lib/store/partitions.ts';
import { deleteOldRows, OLD_ROWS, type OldRows } from '#lib/store/retention/delete-old-rows.ts';
import { dropOldPartitions } from '#lib/store/retention/drop-old-partitions.ts';
import { forgetEdits } from '#lib/store/replays/replay-edits.ts';
import { forgetBodies, hasOldBodies } from '#lib/store/retention/forget-bodies.ts';
import { pinnedBodyDay } from '#lib/store/retention/pinned-body-day.ts';
import type { Store } from '#lib/store/store.ts';
import { mergeThroughput } from '#lib/store/topics/merge-throughput.ts';
import { foldOffsets } from './fold-offsets.ts';
import { rollUpPartitionHours } from './roll-up-heat.ts';
import { MINUTES_KEPT_MS, rollUpLag } from './roll-up-lag.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Raw offset samples live two hours; anchors of the age of lag are rebuilt from them after a restart. */
const SAMPLES_MS = 2 * HOUR_MS;
/** Samples that could not be folded go all the same after this: a store must not fill up because one hour can't be read. */
const UNFOLDED_MS = DAY_MS;
const BATCH = 2_000;
/** Charts of up to a day show readings of a minute; older ones are merged into hours. */
const READINGS_MS = DAY_MS + 2 * HOUR_MS;
/** The map reads minutes at the edges of its hours only, over half a day at most. */
const HOP_MINUTES_MS = 2 * DAY_MS;
/** So that a store nobody pruned for a month does not take the loop an hour: the rest goes in the next rounds. */
const MAX_BATCHES = 100;

export interface Pruned {
  /** Steps of folding samples into blocks. */
  folds: number;
  /** Steps of making the hours that strips of partitions are drawn from. */
  heatSteps: number;
  /** Hours of minutes that charts of weeks are drawn from. */
  hoursRolledUp: number;
  partitionsDropped: number;
  rowsDeleted: number;
  bodiesForgotten: number;
  /** What could not be done this time, in words. */
  problems: string[];
}

/**
 * Makes partitions ahead and lets go of what is too old, each part by itself: one that fails does not keep the others.
 * Whole partitions are dropped; the rest goes in bounded batches, each its own transaction.
 */
export async function pruneStore(store: Store, retentionDays: Config['retentionDays'], now: Date, signal: AbortSignal): Promise<Pruned> {
  const pruned: Pruned = { folds: 0, heatSteps: 0, hoursRolledUp: 0, partitionsDropped: 0, rowsDeleted: 0, bodiesForgotten: 0, problems: [] };
  const ago = (ms: number): Date => new Date(now.getTime() - ms);
  const attempt = async (name: string, work: () => Promise<void>): Promise<void> => {
    if (signal.aborted) return;
    try {
      await work();
    } catch (error) {
      pruned.problems.push(`${name}: ${errorText(error)}`);
    }
  };

  await attempt('partitions ahead', () => ensureAllPartitions(store, now));

  const drop = (table: string, before: Date): Promise<void> =>
    attempt(table, async () => {
      pruned.partitionsDropped += (await dropOldPartitions(store, table, before)).length;
    });
  for (const table of ['span', 'span_chunk', 'span_event', 'record_header']) await drop(table, ago(retentionDays.spans * DAY_MS));
  // Rolled up first, then dropped: a minute that is in no hour yet stays, if it must as long as hours do.
  let minutesBefore = ago(retentionDays.charts * DAY_MS);
  await attempt('roll up lag', async () => {
    const { hours, openFrom } = await rollUpLag(store, now, signal);
    pruned.hoursRolledUp = hours;
    const unneeded = ago(MINUTES_KEPT_MS);
    minutesBefore = new Date(Math.max(minutesBefore.getTime(), Math.min(unneeded.getTime(), openFrom?.getTime() ?? unneeded.getTime())));
  });
  await drop('group_lag_minute', minutesBefore);
  await drop('group_lag_hour', ago(retentionDays.charts * DAY_MS));
  await drop('topic_offset_block', ago(retentionDays.charts * DAY_MS));
  await drop('group_commit_block', ago(retentionDays.charts * DAY_MS));
  await drop('group_heat_hour', ago(retentionDays.charts * DAY_MS));
  await drop('hop_minute', ago(HOP_MINUTES_MS));
  await drop('hop_hour', ago(retentionDays.charts * DAY_MS));
  await attempt('merge throughput', async () => {
    for (let step = 0; step < MAX_BATCHES && !signal.aborted; step += 1) if (!(await mergeThroughput(store, ago(READINGS_MS))).more) return;
  });
  // Folded first, then dropped: an hour that is not folded yet keeps its samples.
  let folded = false;
  let foldedUpTo: Date | null = null;
  let dropBefore = { topic: ago(UNFOLDED_MS), group: ago(UNFOLDED_MS) };
  await attempt('fold offsets', async () => {
    const { topic, group } = await foldOffsets(store, now, signal);
    pruned.folds = topic.steps + group.steps;
    const keptFrom = (open: Date | null) => new Date(Math.max(ago(UNFOLDED_MS).getTime(), Math.min(ago(SAMPLES_MS).getTime(), open?.getTime() ?? Infinity)));
    dropBefore = { topic: keptFrom(topic.oldestOpen), group: keptFrom(group.oldestOpen) };
    const open = [topic.oldestOpen, group.oldestOpen].filter((hour) => hour !== null).toSorted((a, b) => a.getTime() - b.getTime());
    foldedUpTo = open[0] ?? null;
    folded = true;
  });
  if (folded) {
    await attempt('roll up partitions', async () => {
      pruned.heatSteps = await rollUpPartitionHours(store, foldedUpTo, retentionDays.charts * DAY_MS, now, signal);
    });
  }
  await drop('topic_offset_sample', dropBefore.topic);
  await drop('group_commit_sample', dropBefore.group);

  // First the rows that point to bodies, then the bodies: a crash in between leaves bytes too many, never a pointer to nothing.
  // Whole days only, so that no body is dropped before its time.
  const agedBefore = new Date(Math.floor(ago(retentionDays.bodies * DAY_MS).getTime() / DAY_MS) * DAY_MS);
  await attempt('dead_letter_body', async () => {
    // What a replay may still send keeps its bytes, however old.
    const pinned = await pinnedBodyDay(store);
    const bodiesBefore = pinned !== null && pinned < agedBefore ? pinned : agedBefore;
    if (await hasOldBodies(store, bodiesBefore)) {
      for (let batch = 0; ; batch += 1) {
        if (signal.aborted || batch >= MAX_BATCHES) return;
        const forgotten = await store.transaction((tx) => forgetBodies(tx, bodiesBefore, BATCH));
        pruned.bodiesForgotten += forgotten;
        if (forgotten < BATCH) break;
      }
    }
    pruned.partitionsDropped += (await dropOldPartitions(store, 'dead_letter_body', bodiesBefore)).length;
  });

  // An edit's bytes are as sensitive as the body they stand for; what it changed, who did it and the hashes stay.
  await attempt('replay_edit', async () => {
    for (let batch = 0; batch < MAX_BATCHES && !signal.aborted; batch += 1) {
      const forgotten = await forgetEdits(store, agedBefore, BATCH);
      pruned.bodiesForgotten += forgotten;
      if (forgotten < BATCH) return;
    }
  });

  const remove = (what: OldRows, before: Date): Promise<void> =>
    attempt(what.table, async () => {
      for (let batch = 0; batch < MAX_BATCHES && !signal.aborted; batch += 1) {
        const deleted = await store.transaction((tx) => deleteOldRows(tx, what, before, BATCH));
        pruned.rowsDeleted += deleted;
        if (deleted < BATCH) return;
      }
    });
  await remove(OLD_ROWS.brokerRequests, ago(10 * MINUTE_MS));
  await remove(OLD_ROWS.sessions, ago(7 * DAY_MS));
  await remove(OLD_ROWS.signInLinks, ago(DAY_MS));
  await remove(OLD_ROWS.failureHours, ago(8 * DAY_MS));
  await remove(OLD_ROWS.evaluations, ago(HOUR_MS));
  await remove(OLD_ROWS.deliveries, ago(30 * DAY_MS));
  await remove(OLD_ROWS.alerts, ago(30 * DAY_MS));
  await remove(OLD_ROWS.alertGroups, ago(30 * DAY_MS));
  await remove(OLD_ROWS.silences, ago(90 * DAY_MS));
  await remove(OLD_ROWS.lagRollups, ago(retentionDays.charts * DAY_MS));
  await remove(OLD_ROWS.groupEvents, ago(retentionDays.charts * DAY_MS));
  await remove(OLD_ROWS.markers, ago(retentionDays.charts * DAY_MS));
  await remove(OLD_ROWS.throughput, ago(retentionDays.charts * DAY_MS));
  await remove(OLD_ROWS.clusterMinutes, ago(retentionDays.charts * DAY_MS));
  await remove(OLD_ROWS.folds, ago(retentionDays.charts * DAY_MS));
  // A day longer than outcomes are followed.
  await remove(OLD_ROWS.retryRecords, ago(8 * DAY_MS));
  await remove(OLD_ROWS.collectors, ago(7 * DAY_MS));
  // A day longer than its figures: when it was last used is noted once a day.
  await remove(OLD_ROWS.ways, ago((retentionDays.charts + 2) * DAY_MS));
  await remove(OLD_ROWS.findings, ago(30 * DAY_MS));
  await remove(OLD_ROWS.journeys, ago(retentionDays.spans * DAY_MS));
  // A type of event that nobody has sent for so long.
  await remove(OLD_ROWS.paths, ago(retentionDays.charts * DAY_MS));
  return pruned;
}
