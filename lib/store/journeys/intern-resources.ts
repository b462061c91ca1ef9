import type { Statements } from '../store.ts';

export interface ResourceRow {
  /** sha256 of the attributes' text, hex. */
  hash: string;
  service: string | null;
  /** JSON object. */
  attributes: string;
}

/**
 * Ids of resources, storing those that are new: a resource repeats with every request of a process.
 * @returns id by hash
 */
export async function internResources(on: Statements, rows: readonly ResourceRow[]): Promise<Map<string, bigint>> {
  if (rows.length === 0) return new Map();
  // Ascending, so that two receivers that meet the same new resources never wait for each other in a circle.
  const sorted = rows.toSorted((a, b) => (a.hash < b.hash ? -1 : 1));
  const hashes = sorted.map((row) => row.hash);
  await on.execute(
    `insert into resource (hash, service, attributes)
     select decode(hash, 'hex'), service, attributes::jsonb from unnest($1::text[], $2::text[], $3::text[]) as given (hash, service, attributes)
     on conflict (hash) do nothing`,
    [hashes, sorted.map((row) => row.service), sorted.map((row) => row.attributes)],
  );
  const found = await on.query<{ id: bigint; hash: string }>(
    `select id, encode(hash, 'hex') as hash from resource where hash in (select decode(hash, 'hex') from unnest($1::text[]) as given (hash))`,
    [hashes],
  );
  return new Map(found.map((row) => [row.hash, row.id]));
}
