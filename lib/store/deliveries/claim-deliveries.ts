import type { Statements } from '../store.ts';

export interface ClaimedDelivery {
  id: string;
  endpoint_id: string;
  alert_group_id: string | null;
  type: string;
  payload: string;
  attempt_count: number;
  redelivered_at: Date | null;
}

export interface ClaimLimits {
  /** Deliveries this process can still take. */
  free: number;
  /** In flight per endpoint, over all processes: a receiver that hangs holds this many sockets and no more. */
  perEndpoint: number;
  leaseMs: number;
}

/**
 * Takes deliveries that are due, and those whose holder died in the middle (lease over). At most one is in flight per
 * (endpoint, group), and always the oldest. Runs under an advisory lock: claims are short, and so two processes never
 * count the same free slot.
 */
export async function claimDeliveries(tx: Statements, holder: string, now: Date, limits: ClaimLimits): Promise<ClaimedDelivery[]> {
  await tx.query(`select pg_advisory_xact_lock(hashtext('waybill deliveries'))`);
  return tx.query<ClaimedDelivery>(
    `with busy as (
       select endpoint_id, count(*) as sending from delivery where state = 'sending' and lease_until > $1 group by endpoint_id
     ), due as (
       select d.id, e.failing_since, d.next_attempt_at, d.created_at, coalesce(b.sending, 0) as sending,
              row_number() over (partition by d.endpoint_id order by d.next_attempt_at nulls first, d.created_at, d.id) as rank
       from delivery d
       join webhook_endpoint e on e.id = d.endpoint_id
       left join busy b on b.endpoint_id = d.endpoint_id
       where ((d.state = 'waiting' and d.next_attempt_at <= $1) or (d.state = 'sending' and d.lease_until <= $1))
         and (e.enabled or d.type = 'webhook.test')
         and (d.alert_group_id is null or not exists (
           select 1 from delivery o
           where o.alert_group_id = d.alert_group_id and o.id <> d.id and o.state in ('waiting', 'sending')
             and ((o.state = 'sending' and o.lease_until > $1) or (o.created_at, o.id) < (d.created_at, d.id))
         ))
     )
     update delivery set state = 'sending', lease_holder = $2, lease_until = $1::timestamptz + $3 * interval '1 millisecond'
     where id in (
       select id from due where rank <= $4 - sending
       -- Endpoints that work go first: those that fail can wait for what is left.
       order by failing_since is not null, next_attempt_at nulls first, created_at, id limit $5
     )
     returning id, endpoint_id, alert_group_id, type, payload, attempt_count, redelivered_at`,
    [now, holder, limits.leaseMs, limits.perEndpoint, limits.free],
  );
}
