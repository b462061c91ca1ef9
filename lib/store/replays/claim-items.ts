import type { DeadLetterCoordinate, Refusal, ReplayItemState } from '#lib/model/replay.ts';
import { decideClaim } from '#lib/replay/decide-claim.ts';
import { shareClaims } from '../dead-letters/archive-rows.ts';
import { filterSql } from '../dead-letters/filter-dead-letters.ts';
import type { Store } from '../store.ts';
import { numberArray } from './array-text.ts';
import { holdRow, type ClaimCursor, type ReplayJobRow } from './hold-replay.ts';
import { isInOrder, lookAhead, type ClaimAhead } from './look-ahead.ts';
import { selectionSql } from './select-dead-letters.ts';

interface Candidate {
  topicId: number;
  partition: number;
  offset: bigint;
  generation: number;
  state: string;
  bodyKept: boolean;
  generationSeen: number | null;
  openReplayId: string | null;
  newestGeneration: number | null;
  lastState: ReplayItemState | null;
  failedGenerations: number;
}

const UNIQUE_VIOLATION = '23505';
const MAX_ATTEMPTS = 5;

export interface ClaimedChunk {
  claimed: number;
  refused: number;
  /** Nothing of the selection is left to claim. */
  complete: boolean;
  cursor: ClaimCursor | null;
}

/**
 * Claims the next chunk of a job's selection in coordinate order, in one transaction: rows that another replay holds, or that may not be
 * sent, become refusals with their reason. The unique indices settle races; the chunk is then decided anew. The job's row is locked, and the
 * lease checked, last: a chunk is claimed while the ledger of the one before is written.
 * @param ahead what this run of the worker has found and not claimed yet
 * @throws ReplayLeaseLost; nothing is claimed then
 */
export async function claimItems(store: Store, job: ReplayJobRow, holder: string, limit: number, ahead: ClaimAhead = { keys: [], exhausted: false }): Promise<ClaimedChunk> {
  const keys = isInOrder(job.selection) ? null : await lookAhead(store, job, ahead, limit);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const chunk = await claimOnce(store, job, holder, limit, keys, ahead.exhausted && keys?.length === ahead.keys.length);
      if (keys !== null) ahead.keys = ahead.keys.slice(keys.length);
      return chunk;
    } catch (error) {
      if ((error as { code?: string }).code !== UNIQUE_VIOLATION || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

/**
 * @param keys the rows of the chunk; null: they are looked for
 * @param last nothing lies behind these keys
 */
function claimOnce(store: Store, job: ReplayJobRow, holder: string, limit: number, keys: readonly DeadLetterCoordinate[] | null, last: boolean): Promise<ClaimedChunk> {
  return store.transaction(async (tx) => {
    await shareClaims(tx); // what is archived at this moment is seen as archived, or the archiving sees the claim
    const params: unknown[] = [];
    const { from, where, seen } = keys === null ? selectionSql(job.selection, job.clusterId, job.snapshotSeq, params) : keysSql(keys, job, params);
    const bind = (value: unknown) => `$${params.push(value)}`;
    const after = keys === null && job.claimCursor ? `and (d.topic_id, d.partition, d."offset") > (${bind(job.claimCursor.topicId)}, ${bind(job.claimCursor.partition)}, ${bind(job.claimCursor.offset)}::bigint)` : '';
    const candidates = await tx.query<Candidate>(
      `select d.topic_id as "topicId", d.partition, d."offset", d.generation, d.state, d.body_day is not null as "bodyKept", ${seen} as "generationSeen",
         i.open_replay_id as "openReplayId", i.newest_generation as "newestGeneration", i.last_state as "lastState", coalesce(i.failed, 0)::int as "failedGenerations"
       from ${from}
       left join lateral (
         select max(i.generation) as newest_generation, count(*) filter (where i.state = 'failed-again') as failed,
           (array_agg(i.replay_id) filter (where not i.final))[1] as open_replay_id,
           (array_agg(i.state order by i.generation desc) filter (where i.state not in ('refused', 'cancelled')))[1] as last_state
         from replay_item i where i.topic_id = d.topic_id and i.partition = d.partition and i."offset" = d."offset") i on true
       where ${where} ${after}
       order by d.topic_id, d.partition, d."offset" limit ${bind(limit)}`,
      params,
    );
    const complete = keys === null ? candidates.length < limit : last;
    const end = (keys ?? candidates).at(-1);
    const cursor = end ? { topicId: end.topicId, partition: end.partition, offset: end.offset.toString() } : job.claimCursor;
    const decided = candidates.map((one) => ({ ...one, next: (one.newestGeneration ?? 0) + 1, refusal: refusalOf(one, job) }));
    const refused = decided.filter((one) => one.refusal !== null).length;
    if (decided.length > 0) {
      await tx.execute(
        `insert into replay_item (topic_id, partition, "offset", generation, replay_id, state, final, settled, refusal, detail)
         select u.topic_id, u.partition, u."offset", u.generation, $1::uuid, case when u.refusal is null then 'claimed' else 'refused' end,
           u.refusal is not null, u.refusal is not null, u.refusal, u.detail::jsonb
         from unnest($2::int[], $3::int[], $4::bigint[], $5::int[], $6::text[], $7::text[]) as u (topic_id, partition, "offset", generation, refusal, detail)`,
        [job.id, ...columns(decided), decided.map((one) => one.refusal?.code ?? null), decided.map((one) => (one.refusal ? JSON.stringify(one.refusal.detail) : null))],
      );
    }
    await holdRow(tx, job.id, holder);
    await tx.execute(
      `update replay set claim_cursor = $2, claim_complete = $3, refused = refused + $4,
         selected = case when $3 then (select count(*) from replay_item where replay_id = $1) else selected end where id = $1`,
      [job.id, cursor === null ? null : JSON.stringify(cursor), complete, refused],
    );
    return { claimed: decided.length - refused, refused, complete, cursor };
  });
}

/** These rows, each by its key. Of the filter only the state can have changed since they were found: what was archived is left out, as if it had been when they were. */
function keysSql(keys: readonly DeadLetterCoordinate[], { selection }: ReplayJobRow, params: unknown[]): { from: string; where: string; seen: string } {
  const bind = (value: unknown) => `$${params.push(value)}`;
  const rows = `unnest(${bind(numberArray(keys.map((one) => one.topicId)))}::int[], ${bind(numberArray(keys.map((one) => one.partition)))}::int[], ${bind(numberArray(keys.map((one) => one.offset)))}::bigint[]) as k (topic_id, partition, "offset")`;
  const from = `${rows} cross join lateral (select d.* from dead_letter d where d.topic_id = k.topic_id and d.partition = k.partition and d."offset" = k."offset" limit 1) d`;
  return { from, where: filterSql({ state: 'filter' in selection ? selection.filter['state'] : undefined }, params), seen: 'null::int' };
}

function refusalOf(one: Candidate, { allowParked, edited }: ReplayJobRow): Refusal | null {
  return decideClaim({ archived: one.state === 'archived', bodyKept: one.bodyKept || edited, generation: one.generation, generationSeen: one.generationSeen, openReplayId: one.openReplayId, lastState: one.lastState, failedGenerations: one.failedGenerations, allowParked });
}

function columns(rows: readonly { topicId: number; partition: number; offset: bigint; next: number }[]): unknown[] {
  return [numberArray(rows.map((one) => one.topicId)), numberArray(rows.map((one) => one.partition)), numberArray(rows.map((one) => one.offset)), numberArray(rows.map((one) => one.next))];
}
