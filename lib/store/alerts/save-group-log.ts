import type { Statements } from '../store.ts';

export interface GroupLogInput {
  endpointId: string;
  groupKey: string;
  toldFiring: readonly string[];
  firstFiringAt: Date | null;
  lastNotifiedAt: Date | null;
  nextNotifyAt: Date | null;
}

/** Writes what an endpoint has been told of a group. @returns id of the log */
export async function saveGroupLog(tx: Statements, input: GroupLogInput): Promise<string> {
  const [row] = await tx.query<{ id: string }>(
    `insert into alert_group (id, endpoint_id, group_key, status, told_firing, first_firing_at, last_notified_at, next_notify_at)
     values (gen_random_uuid(), $1, $2, $3, $4::jsonb, $5, $6, $7)
     on conflict (endpoint_id, group_key) do update set status = excluded.status, told_firing = excluded.told_firing,
       first_firing_at = excluded.first_firing_at, last_notified_at = excluded.last_notified_at, next_notify_at = excluded.next_notify_at
     returning id`,
    [input.endpointId, input.groupKey, input.toldFiring.length > 0 ? 'firing' : 'resolved', JSON.stringify(input.toldFiring), input.firstFiringAt, input.lastNotifiedAt, input.nextNotifyAt],
  );
  if (row === undefined) throw new Error('the upsert of an alert group returned no row');
  return row.id;
}
