import { createHash } from 'node:crypto';
import type { HopWay } from '#lib/journey/count-hops.ts';
import type { Statements } from '../store.ts';

/** More ways than this are not told apart: names made up for every record (a reply topic a request) must not fill the store. */
const MOST_WAYS = 20_000;

/** What a way is called in lists of ways. */
export function wayName(way: HopWay): string {
  return JSON.stringify([way.cluster ?? 0, way.kind, way.service ?? '', way.topic, way.group ?? '']);
}

/**
 * Numbers of ways, storing those that are new. Call it with the resolving lock held: nobody else writes here.
 * @returns id by wayName; a way beyond the bound has none, and its hops are not counted
 */
export async function internWays(on: Statements, ways: readonly HopWay[], now: Date): Promise<Map<string, number>> {
  const byName = new Map(ways.map((way) => [wayName(way), way]));
  if (byName.size === 0) return new Map();
  const names = [...byName.keys()].toSorted();
  const keys = names.map((name) => createHash('sha256').update(name).digest('hex').slice(0, 32));
  const find = () => on.query<{ place: bigint; id: number; isOld: boolean }>(`select g.place, w.id, w.seen_at < $2::timestamptz - interval '1 day' as "isOld" from unnest($1::text[]) with ordinality as g (key, place) join hop_way w on w.key = decode(g.key, 'hex')`, [keys, now]);
  let found = await find();
  if (found.length < names.length) {
    const known = new Set(found.map((row) => Number(row.place) - 1));
    const fresh = names.flatMap((name, place) => (known.has(place) ? [] : [{ key: keys[place]!, way: byName.get(name)! }]));
    await on.execute(
      `insert into hop_way (key, cluster_id, kind, service, topic, group_name, first_seen_at, seen_at)
       select decode(key, 'hex'), cluster_id, kind, service, topic, group_name, $7, $7 from unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[]) as g (key, cluster_id, kind, service, topic, group_name)
       limit greatest(0, ${MOST_WAYS} - (select count(*) from hop_way)) on conflict (key) do nothing`,
      [fresh.map((each) => each.key), fresh.map(({ way }) => way.cluster ?? 0), fresh.map(({ way }) => way.kind), fresh.map(({ way }) => way.service ?? ''), fresh.map(({ way }) => way.topic), fresh.map(({ way }) => way.group ?? ''), now],
    );
    found = await find();
  }
  // So that retention can tell what is still used, without writing it each time.
  const old = found.flatMap((row) => (row.isOld ? [row.id] : []));
  if (old.length > 0) await on.execute('update hop_way set seen_at = $2 where id = any($1::int[])', [old, now]);
  return new Map(found.map((row) => [names[Number(row.place) - 1]!, row.id]));
}
