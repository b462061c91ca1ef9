import type { Statements } from '../store.ts';

export interface FinishedRow {
  id: string;
  entryType: string;
}

/**
 * Journeys that ended well between two moments: of each entry type at most `each`, picked by the random part of their ids, so that a busy
 * type is sampled evenly and a rare one is seen whole.
 */
export async function readFinished(on: Statements, after: Date, until: Date, bounds: { looked: number; each: number; all: number }): Promise<FinishedRow[]> {
  return on.query<FinishedRow>(
    `select id, entry_type as "entryType" from (
       select id, entry_type, row_number() over (partition by entry_type order by right(id::text, 12), id) as place from (
         select id, entry_type from journey where last_activity_at > $1 and last_activity_at <= $2 and state in ('done', 'replayed') and entry_type is not null order by last_activity_at desc limit $3
       ) looked
     ) ranked where place <= $4 order by place, id limit $5`, [after, until, bounds.looked, bounds.each, bounds.all]);
}

export interface ChangeRow {
  at: Date;
  words: string;
  service: string | null;
}

/** What may have changed how services work: a version of a service that was not seen before, and the markers that people and pipelines set. */
export async function readChanges(on: Statements, since: Date, until: Date): Promise<ChangeRow[]> {
  return on.query<ChangeRow>(
    `select min(r.first_seen_at) as at, 'deploy of ' || r.service || ' ' || (r.attributes->>'service.version') as words, r.service from resource r
     where r.first_seen_at > $1 and r.first_seen_at <= $2 and r.service is not null and r.attributes ? 'service.version'
       and exists (select 1 from resource b where b.service = r.service and b.attributes ? 'service.version' and b.attributes->>'service.version' <> r.attributes->>'service.version' and coalesce(b.first_seen_at, 'epoch') < r.first_seen_at)
       and not exists (select 1 from resource b where b.service = r.service and b.attributes->>'service.version' = r.attributes->>'service.version' and coalesce(b.first_seen_at, 'epoch') < r.first_seen_at and coalesce(b.first_seen_at, 'epoch') <= $1)
     group by r.service, r.attributes->>'service.version'
     union all
     select m.at, 'marker "' || m.text || '"', g.name from marker m left join consumer_group g on g.id = m.group_id where m.at > $1 and m.at <= $2
     order by at desc limit 200`, [since, until]);
}
