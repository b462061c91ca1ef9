import type { Statements } from '../store.ts';

export interface EndpointHealthRow {
  endpoint_id: string;
  delivered: number;
  failed: number;
  waiting: number;
  last_status_code: number | null;
  last_error: string | null;
  last_attempt_at: Date | null;
  median_latency_ms: number | null;
}

/** What became of the messages of the last 24 h, per endpoint, and the last attempt. */
export async function readEndpointHealth(on: Statements, now: Date): Promise<EndpointHealthRow[]> {
  return on.query<EndpointHealthRow>(
    `select e.id as endpoint_id,
            count(d.id) filter (where d.state = 'delivered')::int as delivered,
            count(d.id) filter (where d.state = 'failed')::int as failed,
            count(d.id) filter (where d.state in ('waiting', 'sending'))::int as waiting,
            a.status_code as last_status_code, a.error as last_error, a.started_at as last_attempt_at,
            m.median_latency_ms
     from webhook_endpoint e
     left join delivery d on d.endpoint_id = e.id and (d.created_at > $1::timestamptz - interval '24 hours' or d.state in ('waiting', 'sending'))
     left join lateral (
       select at.status_code, at.error, at.started_at from delivery x join delivery_attempt at on at.delivery_id = x.id
       where x.endpoint_id = e.id and x.created_at > $1::timestamptz - interval '7 days' order by at.started_at desc limit 1
     ) a on true
     left join lateral (
       select percentile_cont(0.5) within group (order by at.latency_ms) as median_latency_ms
       from delivery x join delivery_attempt at on at.delivery_id = x.id
       where x.endpoint_id = e.id and x.created_at > $1::timestamptz - interval '24 hours' and at.status_code is not null
     ) m on true
     group by e.id, a.status_code, a.error, a.started_at, m.median_latency_ms`,
    [now],
  );
}
