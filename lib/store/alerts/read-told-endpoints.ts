import type { Statements } from '../store.ts';

export interface ToldEndpointRow {
  group_key: string;
  endpoint_id: string;
  endpoint: string;
  told_firing: string[];
  next_notify_at: Date | null;
  delivery_id: string | null;
  delivery_state: string | null;
  delivery_at: Date | null;
  error: string | null;
}

/** For each group and endpoint: what it was told, and what became of the last message. */
export async function readToldEndpoints(on: Statements, groupKeys: readonly string[]): Promise<ToldEndpointRow[]> {
  if (groupKeys.length === 0) return [];
  return on.query<ToldEndpointRow>(
    `select g.group_key, g.endpoint_id, e.name as endpoint, g.told_firing, g.next_notify_at,
            d.id as delivery_id, d.state as delivery_state, coalesce(d.ended_at, d.created_at) as delivery_at, a.error
     from alert_group g
     join webhook_endpoint e on e.id = g.endpoint_id
     left join lateral (
       select id, state, created_at, ended_at from delivery where alert_group_id = g.id and endpoint_id = g.endpoint_id and state <> 'superseded'
       order by created_at desc, id desc limit 1
     ) d on true
     left join lateral (select error from delivery_attempt where delivery_id = d.id order by number desc limit 1) a on true
     where g.group_key = any($1::text[])
     order by e.name`,
    [groupKeys],
  );
}
