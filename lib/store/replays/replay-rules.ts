import type { RuleLimits } from '#lib/replay/decide-rule-run.ts';
import type { Statements } from '../store.ts';

export type RuleState = 'on' | 'off' | 'stopped';

export interface ReplayRuleRow extends RuleLimits {
  id: string;
  clusterId: number;
  cluster: string;
  failureId: string;
  /** null: not conveyed, or the failure is gone. */
  errorClass: string | null;
  failureExists: boolean;
  state: RuleState;
  reason: string;
  createdBy: string;
  createdAt: Date;
  /** Outcomes and ended replays count from then. */
  since: Date;
  stoppedAt: Date | null;
  stoppedWhy: string | null;
  lookedAt: Date | null;
  lastError: string | null;
}

const COLUMNS = `u.id, u.cluster_id as "clusterId", c.name as cluster, u.failure_id as "failureId", coalesce(f.error_class, f.root_class) as "errorClass", f.id is not null as "failureExists",
  u.delay_seconds as "delaySeconds", u.max_attempts as "maxAttempts", u.max_per_hour as "maxPerHour", u.stop_percent as "stopPercent", u.state, u.reason, u.created_by as "createdBy", u.created_at as "createdAt",
  u.since, u.stopped_at as "stoppedAt", u.stopped_why as "stoppedWhy", u.looked_at as "lookedAt", u.last_error as "lastError"`;
const FROM = 'replay_rule u join cluster c on c.id = u.cluster_id left join failure f on f.id = u.failure_id';

/** The rule of a failure, or null. */
export async function readRule(on: Statements, failureId: string): Promise<ReplayRuleRow | null> {
  const [row] = await on.query<ReplayRuleRow>(`select ${COLUMNS} from ${FROM} where u.failure_id = $1`, [failureId]);
  return row ?? null;
}

/** All rules, those that need a person first. */
export async function readRules(on: Statements, limit: number): Promise<ReplayRuleRow[]> {
  return await on.query<ReplayRuleRow>(`select ${COLUMNS} from ${FROM} order by case u.state when 'stopped' then 0 when 'on' then 1 else 2 end, u.created_at desc, u.id limit $1`, [limit]);
}

/** Ids of the rules that are on, those looked at longest ago first. */
export async function rulesToRun(on: Statements, limit: number): Promise<string[]> {
  return (await on.query<{ id: string }>(`select id from replay_rule where state = 'on' order by looked_at nulls first, id limit $1`, [limit])).map((row) => row.id);
}

/** Locks a rule that is on for the rest of the transaction; null: it is not on, or another process is at it. */
export async function lockRule(tx: Statements, id: string): Promise<ReplayRuleRow | null> {
  const [row] = await tx.query<ReplayRuleRow>(`select ${COLUMNS} from ${FROM} where u.id = $1 and u.state = 'on' for update of u skip locked`, [id]);
  return row ?? null;
}

/** Writes the rule of a failure whole; its id stays where there was one. */
export async function writeRule(tx: Statements, rule: RuleLimits & { id: string; clusterId: number; failureId: string; state: 'on' | 'off'; reason: string; createdBy: string; now: Date }): Promise<void> {
  await tx.execute(
    `insert into replay_rule as u (id, cluster_id, failure_id, delay_seconds, max_attempts, max_per_hour, stop_percent, state, reason, created_by, created_at, since)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)
     on conflict (failure_id) do update set delay_seconds = excluded.delay_seconds, max_attempts = excluded.max_attempts, max_per_hour = excluded.max_per_hour, stop_percent = excluded.stop_percent,
       state = excluded.state, reason = excluded.reason, created_by = excluded.created_by, since = excluded.since, stopped_at = null, stopped_why = null, last_error = null`,
    [rule.id, rule.clusterId, rule.failureId, rule.delaySeconds, rule.maxAttempts, rule.maxPerHour, rule.stopPercent, rule.state, rule.reason, rule.createdBy, rule.now],
  );
}

/** Removes a rule. Its replays stay. */
export async function deleteRule(tx: Statements, id: string): Promise<void> {
  await tx.execute('delete from replay_rule where id = $1', [id]);
}

/** Notes that a rule was looked at. */
export async function noteRule(on: Statements, id: string, now: Date, error: string | null): Promise<void> {
  await on.execute('update replay_rule set looked_at = $2, last_error = $3 where id = $1', [id, now, error]);
}

/** A rule that stopped itself. */
export async function stopRule(tx: Statements, id: string, why: string, now: Date): Promise<void> {
  await tx.execute(`update replay_rule set state = 'stopped', stopped_at = $3, stopped_why = $2, looked_at = $3 where id = $1`, [id, why, now]);
}

export interface RuleFigures {
  /** Records its replays since it was turned on were asked for, and what became of them. */
  asked: number;
  processed: number;
  failedAgain: number;
  askedLastHour: number;
  openReplayId: string | null;
  ended: { decision: string | null; decidedBy: string | null; cancelledBy: string | null } | null;
}

/** What came of a rule's replays. */
export async function readRuleFigures(on: Statements, rule: { id: string; since: Date }, now: Date): Promise<RuleFigures> {
  const [row] = await on.query<Omit<RuleFigures, 'ended'>>(
    `select coalesce(sum(selected) filter (where created_at >= $2), 0)::int as asked, coalesce(sum(processed) filter (where created_at >= $2), 0)::int as processed,
       coalesce(sum(failed_again) filter (where created_at >= $2), 0)::int as "failedAgain", coalesce(sum(selected) filter (where created_at > $3::timestamptz - interval '1 hour'), 0)::int as "askedLastHour",
       (array_agg(id) filter (where state not in ('finished', 'cancelled')))[1] as "openReplayId"
     from replay where rule_id = $1`,
    [rule.id, rule.since, now],
  );
  const [ended] = await on.query<NonNullable<RuleFigures['ended']>>(
    `select decision, decided_by as "decidedBy", (select e.actor from replay_event e where e.replay_id = r.id and e.kind = 'cancel-asked' order by e.id desc limit 1) as "cancelledBy"
     from replay r where rule_id = $1 and created_at >= $2 and state = 'cancelled' order by created_at desc limit 1`,
    [rule.id, rule.since],
  );
  return { ...row!, ended: ended ?? null };
}

/**
 * Dead letters of a failure that a rule may send, the oldest first: new, never part of a replay themselves, with bytes and a known origin,
 * arrived before `arrivedBefore`, replayed fewer than `maxAttempts` times along the chain of records they came back as, and never as an
 * edited record, whose edit a person has to judge.
 */
export async function readyForRule(on: Statements, of: { clusterId: number; failureId: string; maxAttempts: number; arrivedBefore: Date }, limit: number): Promise<{ topicId: number; partition: number; offset: bigint; generation: number }[]> {
  if (limit <= 0) return [];
  return await on.query(
    `select d.topic_id as "topicId", d.partition, d."offset", d.generation from dead_letter d
     left join lateral (
       with recursive chain as (
         select d.replay_ref as ref, 1 as depth where d.replay_ref is not null
         union all
         select p.replay_ref, c.depth + 1 from chain c join dead_letter p on p.topic_id = split_part(split_part(c.ref, ':', 2), '-', 1)::int
           and p.partition = split_part(split_part(c.ref, ':', 2), '-', 2)::int and p."offset" = split_part(split_part(c.ref, ':', 2), '-', 3)::bigint
         where c.depth < 10 and p.replay_ref is not null)
       select count(*) as replays, bool_or(exists (select 1 from replay_edit e where e.replay_id = split_part(chain.ref, ':', 1)::uuid)) as edited from chain) came on d.replay_ref is not null
     where d.cluster_id = $1 and d.failure_id = $2 and d.state = 'new' and d.ingested_at <= $3 and d.body_day is not null and d.origin_topic is not null
       and coalesce(came.replays, 0) < $4 and not coalesce(came.edited, false)
       and not exists (select 1 from replay_item i where i.topic_id = d.topic_id and i.partition = d.partition and i."offset" = d."offset")
     order by d.ingested_at, d.topic_id, d.partition, d."offset" limit $5`,
    [of.clusterId, of.failureId, of.arrivedBefore, of.maxAttempts, limit],
  );
}
