import type { Refusal } from '#lib/model/replay.ts';
import type { Store } from '../store.ts';
import { numberArray, topicArray } from './array-text.ts';
import { asHolder, ReplayLeaseLost, type ReplayAnchors } from './hold-replay.ts';

export interface ItemKey {
  topicId: number;
  partition: number;
  offset: bigint;
  generation: number;
}

/** Where a record was sent; offset null where only progress proves that it was. */
export interface SentItem extends ItemKey {
  targetTopic: string | null;
  targetPartition: number | null;
  targetOffset: bigint | null;
}

const KEYS = 'unnest($2::int[], $3::int[], $4::bigint[], $5::int[]';
// Each row by its key and then by its place: whatever the planner believes of a table that grew since it was last analysed, it cannot start from
// all items of the job. Claimed items are changed only by who holds the job's row, so that a place stays valid for the statement.
const AT = `cross join lateral (
  select c.ctid as place from replay_item c
  where c.topic_id = u.topic_id and c.partition = u.partition and c."offset" = u."offset" and c.generation = u.generation and c.replay_id = $1 and c.state = 'claimed' limit 1) at
  where i.ctid = at.place`;

function keyColumns(items: readonly ItemKey[]): unknown[] {
  return [numberArray(items.map((one) => one.topicId)), numberArray(items.map((one) => one.partition)), numberArray(items.map((one) => one.offset)), numberArray(items.map((one) => one.generation))];
}

/**
 * Records what a committed transaction sent, with the dead letters' new state. What was recorded before stays as it is. One statement, which
 * locks the job's row first: it runs for every batch, and each way to the database and back waits its turn behind the sending. It does not wait
 * for the disk: where the machine dies first, recovery finds these records by the job's progress as after any crash before the ledger, and
 * whatever is written durably later (a claim, a refusal, the end of the job) makes this durable with it.
 * @throws ReplayLeaseLost
 */
export async function saveSent(store: Store, replayId: string, holder: string, items: readonly SentItem[]): Promise<void> {
  if (items.length === 0) return;
  const held = await store.execute(
    `with held as materialized (select set_config('synchronous_commit', 'off', true) from replay where id = $1 and lease_holder = $9 for update),
     sent as (
       update replay_item i set state = 'sent', final = true, target_topic = u.target, sent_partition = u.target_partition, sent_offset = u.target_offset, sent_at = now()
       from held cross join ${KEYS}, $6::text[], $7::int[], $8::bigint[]) as u (topic_id, partition, "offset", generation, target, target_partition, target_offset)
       ${AT} returning i.topic_id, i.partition, i."offset", i.generation),
     letters as (
       update dead_letter d set state = 'replayed', state_at = now(), generation = s.generation
       from sent s where d.topic_id = s.topic_id and d.partition = s.partition and d."offset" = s."offset")
     update replay set sent = sent + (select count(*) from sent), last_error = null where id = $1 and lease_holder = $9`,
    [replayId, ...keyColumns(items), topicArray(items.map((one) => one.targetTopic)), numberArray(items.map((one) => one.targetPartition)), numberArray(items.map((one) => one.targetOffset)), holder],
  );
  if (held === 0) throw new ReplayLeaseLost(replayId);
}

/** Stores refusals. Must be done before a transaction passes their offsets. @throws ReplayLeaseLost */
export async function saveRefused(store: Store, replayId: string, holder: string, items: readonly (ItemKey & { refusal: Refusal })[]): Promise<void> {
  if (items.length === 0) return;
  await asHolder(store, replayId, holder, async (tx) => {
    const count = await tx.execute(
      `update replay_item i set state = 'refused', final = true, settled = true, refusal = u.refusal, detail = u.detail::jsonb
       from ${KEYS}, $6::text[], $7::text[]) as u (topic_id, partition, "offset", generation, refusal, detail) ${AT}`,
      [replayId, ...keyColumns(items), items.map((one) => one.refusal.code), items.map((one) => JSON.stringify(one.refusal.detail))],
    );
    await tx.execute('update replay set refused = refused + $2 where id = $1', [replayId, count]);
  });
}

/** Marks items whose sending can neither be proved nor ruled out. @throws ReplayLeaseLost */
export async function saveUndecided(store: Store, replayId: string, holder: string, items: readonly (ItemKey & { why: string })[]): Promise<void> {
  if (items.length === 0) return;
  await asHolder(store, replayId, holder, async (tx) => {
    const count = await tx.execute(
      `update replay_item i set state = 'needs-decision', detail = jsonb_build_object('why', u.why)
       from ${KEYS}, $6::text[]) as u (topic_id, partition, "offset", generation, why) ${AT}`,
      [replayId, ...keyColumns(items), items.map((one) => one.why)],
    );
    await tx.execute('update replay set needs_decision = needs_decision + $2 where id = $1', [replayId, count]);
  });
}

/** Gives up everything that was not sent. What needs a decision stays on record as that. @throws ReplayLeaseLost */
export async function cancelItems(store: Store, replayId: string, holder: string): Promise<number> {
  return asHolder(store, replayId, holder, async (tx) => {
    const cancelled = await tx.execute(`update replay_item set state = 'cancelled', final = true, settled = true where replay_id = $1 and state = 'claimed'`, [replayId]);
    await tx.execute(`update replay_item set final = true, settled = true where replay_id = $1 and state = 'needs-decision'`, [replayId]);
    return cancelled;
  });
}

/** Saves where the job starts and where its target ended, once. @throws ReplayLeaseLost */
export async function saveAnchors(store: Store, replayId: string, holder: string, anchors: ReplayAnchors): Promise<void> {
  await asHolder(store, replayId, holder, (tx) => tx.execute('update replay set anchors = $2 where id = $1 and anchors is null', [replayId, JSON.stringify(anchors)]));
}
