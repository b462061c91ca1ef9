import type { DeadLetterCoordinate } from '#lib/model/replay.ts';
import type { Statements } from '../store.ts';
import type { ReplayJobRow, ReplaySelection } from './hold-replay.ts';
import { selectionSql } from './select-dead-letters.ts';

// A selection is claimed in the order of the log, and most filters have no index in that order: each look sorts all that is left of the
// selection, whatever it takes of it. So many chunks are looked for at once. Half a million rows of one failure were sorted 5 times and not 50.
const LOOK_AHEAD = 100_000;

/** Rows of a selection that were found and not claimed yet, in order. Only known to the run of a worker: the next one looks again. */
export interface ClaimAhead {
  keys: DeadLetterCoordinate[];
  /** Nothing lies behind them. */
  exhausted: boolean;
}

/** The primary key has the order of a topic's log, or of all of them: such selections are read on where the last chunk ended. */
export function isInOrder(selection: ReplaySelection): boolean {
  if ('ids' in selection) return true; // all of them are in the statement
  return Object.keys(selection.filter).every((name) => name === 'topic' || name === 'state' || name === 'cluster');
}

/** The next rows of a job's selection, at least `limit` where there are as many. They stay in `ahead` until they are taken off it. */
export async function lookAhead(on: Statements, job: ReplayJobRow, ahead: ClaimAhead, limit: number): Promise<DeadLetterCoordinate[]> {
  if (ahead.keys.length < limit && !ahead.exhausted) {
    const last = ahead.keys.at(-1) ?? job.claimCursor;
    // Nothing is sent before the first chunk is claimed.
    const wanted = job.claimCursor === null && ahead.keys.length === 0 ? limit : LOOK_AHEAD;
    const params: unknown[] = [];
    const { from, where } = selectionSql(job.selection, job.clusterId, job.snapshotSeq, params);
    const bind = (value: unknown) => `$${params.push(value)}`;
    const after = last ? `and (d.topic_id, d.partition, d."offset") > (${bind(last.topicId)}, ${bind(last.partition)}, ${bind(last.offset)}::bigint)` : '';
    const rows = await on.query<DeadLetterCoordinate>(`select d.topic_id as "topicId", d.partition, d."offset" from ${from} where ${where} ${after} order by d.topic_id, d.partition, d."offset" limit ${bind(wanted)}`, params);
    ahead.keys = ahead.keys.concat(rows);
    ahead.exhausted = rows.length < wanted;
  }
  return ahead.keys.slice(0, limit);
}
