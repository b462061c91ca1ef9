import type { Statements } from '../store.ts';

export interface Deletion {
  /** `<cluster>/<group>`. */
  target: string;
  at: Date;
  by: string;
  reason: string | null;
  /** Topics whose offsets were deleted; null where the whole group was. */
  topics: string[] | null;
}

/** The newest deletion that people asked of Waybill for each of these groups, or for their offsets, of the last day; also one whose outcome is not known yet. */
export async function readDeletions(on: Statements, targets: readonly string[]): Promise<Deletion[]> {
  if (targets.length === 0) return [];
  return on.query<Deletion>(
    `select distinct on (target, action) target, at, actor as by, reason,
       case when action like 'group.delete-offsets%' then array(select distinct o->>0 from jsonb_array_elements(before->'offsets') o) end as topics
     from audit_entry where target = any($1::text[]) and action in ('group.delete', 'group.delete.begin', 'group.delete-offsets', 'group.delete-offsets.begin') and at > now() - interval '1 day'
     order by target, action, id desc`,
    [targets],
  );
}
