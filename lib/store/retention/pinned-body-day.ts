import type { Statements } from '../store.ts';

/** The oldest day whose bodies a replay may still send (an item that is not final); null where none does. */
export async function pinnedBodyDay(on: Statements): Promise<Date | null> {
  const [row] = await on.query<{ day: string | null }>(
    `select min(d.body_day)::text as day from replay_item i join dead_letter d on d.topic_id = i.topic_id and d.partition = i.partition and d."offset" = i."offset" where not i.final`,
  );
  return row?.day ? new Date(`${row.day}T00:00:00Z`) : null;
}
