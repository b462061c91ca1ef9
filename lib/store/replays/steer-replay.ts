import type { Statements } from '../store.ts';
import { settleApproval } from './await-approval.ts';

/** What a person asks of a job; the worker does it between two batches. */
export type ReplaySteer = 'pause' | 'resume' | 'cancel';

/** Notes the wish where the job's state allows it. null: there is no such replay. */
export async function steerReplay(on: Statements, id: string, steer: ReplaySteer): Promise<{ changed: boolean; before: { state: string; wanted: string; mode: string; claimed: boolean } } | null> {
  const [before] = await on.query<{ state: string; wanted: string; mode: string; claimed: boolean }>('select state, wanted, mode, claim_cursor is not null as claimed from replay where id = $1 for update', [id]);
  if (!before) return null;
  const { state, wanted } = before;
  const active = state === 'queued' || state === 'running';
  const resting = state === 'paused' || state === 'canary' || state === 'needs-decision';
  const waiting = state === 'awaiting-approval' || state === 'scheduled';
  const may = { pause: active && wanted === 'run', resume: wanted !== 'cancel' && (resting || state === 'scheduled' || (active && wanted === 'pause')), cancel: (active || resting || waiting) && wanted !== 'cancel' }[steer];
  if (!may) return { changed: false, before };
  if (waiting && steer === 'cancel') {
    // Nothing of it was claimed: it needs no worker to end.
    if (state === 'scheduled') await on.execute(`update replay set state = 'cancelled', finished_at = now() where id = $1`, [id]);
    else await settleApproval(on, id, { state: 'cancelled', decision: null, by: null });
  } else if (steer === 'resume') {
    // A canary that was approved is over; a job that still comes to rest just goes on.
    await on.execute(`update replay set wanted = 'run', canary = case when state = 'canary' then null else canary end, last_error = null, state = case when state in ('queued', 'running') then state else 'queued' end where id = $1`, [id]);
  } else {
    await on.execute('update replay set wanted = $2 where id = $1', [id, steer]);
  }
  return { changed: true, before };
}

/** Items whose sending can neither be proved nor ruled out. */
export async function countUndecided(on: Statements, id: string): Promise<bigint> {
  const [row] = await on.query<{ count: bigint }>(`select count(*) as count from replay_item where replay_id = $1 and state = 'needs-decision'`, [id]);
  return row!.count;
}

/** A person's word on items whose sending can neither be proved nor ruled out. */
export async function decideUndecided(on: Statements, id: string, as: 'sent' | 'cancelled'): Promise<number> {
  const count = await on.execute(
    `with decided as (
       update replay_item set state = $2, final = true, settled = $2 = 'cancelled', sent_at = case when $2 = 'sent' then now() end where replay_id = $1 and state = 'needs-decision'
       returning topic_id, partition, "offset", generation),
     letters as (
       update dead_letter d set state = 'replayed', state_at = now(), generation = u.generation
       from decided u where $2 = 'sent' and d.topic_id = u.topic_id and d.partition = u.partition and d."offset" = u."offset")
     select * from decided`,
    [id, as],
  );
  await on.execute(`update replay set needs_decision = needs_decision - $2, sent = sent + case when $3 = 'sent' then $2 else 0 end where id = $1`, [id, count, as]);
  return count;
}

/** Gives up transactions for a job that has claimed nothing and so has sent nothing. A job never changes its mode later. */
export async function fallBackToAtLeastOnce(on: Statements, id: string): Promise<boolean> {
  return (await on.execute(`update replay set mode = 'at-least-once' where id = $1 and mode = 'exactly-once' and claim_cursor is null and sent = 0`, [id])) === 1;
}
