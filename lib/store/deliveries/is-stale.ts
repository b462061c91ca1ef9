import type { Statements } from '../store.ts';

/**
 * Whether a message about a group of alerts says something that no longer holds: a newer one was made, or it says
 * "firing" and none of what the group was told fires any more. Locks the group's log, so that a message which is being
 * enqueued right now is seen.
 */
export async function isStale(tx: Statements, delivery: { id: string; alert_group_id: string; type: string }): Promise<boolean> {
  const [group] = await tx.query<{ told_firing: string[]; group_key: string }>('select told_firing, group_key from alert_group where id = $1 for update', [delivery.alert_group_id]);
  if (group === undefined) return true;
  const [newer] = await tx.query<{ id: string }>(
    `select o.id from delivery o join delivery d on d.id = $2
     where o.alert_group_id = $1 and (o.created_at, o.id) > (d.created_at, d.id) and o.state in ('waiting', 'sending', 'delivered') limit 1`,
    [delivery.alert_group_id, delivery.id],
  );
  if (newer !== undefined) return true;
  if (delivery.type !== 'alert.firing') return false;
  const [active] = await tx.query<{ id: string }>(
    `select id from alert where fingerprint = any($1::text[]) and (coalesce(held_phase, state) in ('firing', 'recovering'))
       and starts_with($2, 'rule:' || rule_id::text || ':') limit 1`,
    [group.told_firing, group.group_key],
  );
  return active === undefined;
}
