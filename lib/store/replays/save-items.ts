import type { Refusal } from '#lib/model/replay.ts';
import type { Statements, Store } from '../store.ts';
import { numberArray } from './array-text.ts';
import { asHolder, type ReplayAnchors } from './hold-replay.ts';

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
const SAME = 'i.replay_id = $1 and i.topic_id = u.topic_id and i.partition = u.partition and i."offset" = u."offset" and i.generation = u.generation';

function keyColumns(items: readonly ItemKey[]): unknown[] {
  return [numberArray(items.map((one) => one.topicId)), numberArray(items.map((one) => one.partition)), numberArray(items.map((one) => one.offset)), numberArray(items.map((one) => one.generation))];
}

/** Records what a committed transaction sent. @throws ReplayLeaseLost */
export async function saveSent(store: Store, replayId: string, holder: string, items: readonly SentItem[]): Promise<void> {
  if (items.length === 0) return;
  await asHolder(store, replayId, holder, async (tx) => {
    const count = await tx.execute(
      `update replay_item i set state = 'sent', final = true, target_topic = u.target, sent_partition = u.target_partition, sent_offset = u.target_offset, sent_at = now()
       from ${KEYS}, $6::text[], $7::int[], $8::bigint[]) as u (topic_id, partition, "offset", generation, target, target_partition, target_offset)
       where ${SAME} and i.state = 'claimed'`,
      [replayId, ...keyColumns(items), items.map((one) => one.targetTopic), numberArray(items.map((one) => one.targetPartition)), numberArray(items.map((one) => one.targetOffset))],
    );
    await setDeadLetters(tx, items, 'replayed');
    await tx.execute('update replay set sent = sent + $2, last_error = null where id = $1', [replayId, count]);
  });
}

/** Stores refusals. Must be done before a transaction passes their offsets. @throws ReplayLeaseLost */
export async function saveRefused(store: Store, replayId: string, holder: string, items: readonly (ItemKey & { refusal: Refusal })[]): Promise<void> {
  if (items.length === 0) return;
  await asHolder(store, replayId, holder, async (tx) => {
    const count = await tx.execute(
      `update replay_item i set state = 'refused', final = true, settled = true, refusal = u.refusal, detail = u.detail::jsonb
       from ${KEYS}, $6::text[], $7::text[]) as u (topic_id, partition, "offset", generation, refusal, detail) where ${SAME} and i.state = 'claimed'`,
      [replayId, ...keyColumns(items), items.map((one) => one.refusal.code), items.map((one) => JSON.stringify(one.refusal.detail))],
    );
    await setDeadLetters(tx, items, 'refused');
    await tx.execute('update replay set refused = refused + $2 where id = $1', [replayId, count]);
  });
}

/** Marks items whose sending can neither be proved nor ruled out. @throws ReplayLeaseLost */
export async function saveUndecided(store: Store, replayId: string, holder: string, items: readonly (ItemKey & { why: string })[]): Promise<void> {
  if (items.length === 0) return;
  await asHolder(store, replayId, holder, async (tx) => {
    const count = await tx.execute(
      `update replay_item i set state = 'needs-decision', detail = jsonb_build_object('why', u.why)
       from ${KEYS}, $6::text[]) as u (topic_id, partition, "offset", generation, why) where ${SAME} and i.state = 'claimed'`,
      [replayId, ...keyColumns(items), items.map((one) => one.why)],
    );
    await tx.execute('update replay set needs_decision = needs_decision + $2 where id = $1', [replayId, count]);
  });
}

/** Gives up everything that was not sent. What needs a decision stays on record as that. @throws ReplayLeaseLost */
export async function cancelItems(store: Store, replayId: string, holder: string): Promise<number> {
  return asHolder(store, replayId, holder, async (tx) => {
    const cancelled = await tx.query<{ topicId: number; partition: number; offset: bigint; generation: number }>(
      `update replay_item set state = 'cancelled', final = true, settled = true where replay_id = $1 and state = 'claimed'
       returning topic_id as "topicId", partition, "offset", generation`,
      [replayId],
    );
    await tx.execute(`update replay_item set final = true, settled = true where replay_id = $1 and state = 'needs-decision'`, [replayId]);
    await setDeadLetters(tx, cancelled, 'cancelled');
    return cancelled.length;
  });
}

/** Saves where the job starts and where its target ended, once. @throws ReplayLeaseLost */
export async function saveAnchors(store: Store, replayId: string, holder: string, anchors: ReplayAnchors): Promise<void> {
  await asHolder(store, replayId, holder, (tx) => tx.execute('update replay set anchors = $2 where id = $1 and anchors is null', [replayId, JSON.stringify(anchors)]));
}

// A record that was not sent after all is new again.
async function setDeadLetters(tx: Statements, items: readonly ItemKey[], to: 'replayed' | 'refused' | 'cancelled'): Promise<void> {
  await tx.execute(
    `update dead_letter d set state = '${to === 'replayed' ? 'replayed' : 'new'}', state_at = now()
     from unnest($1::int[], $2::int[], $3::bigint[]) as u (topic_id, partition, "offset")
     where d.topic_id = u.topic_id and d.partition = u.partition and d."offset" = u."offset" and d.state = 'replaying'`,
    keyColumns(items).slice(0, 3),
  );
}
