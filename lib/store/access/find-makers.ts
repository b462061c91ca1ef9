import type { Statements } from '../store.ts';

/**
 * Who made the tokens that act under this name, who made theirs, and so on. Names of tokens repeat: whoever made any of them counts.
 * Tokens that were revoked count too: what they made may live on.
 */
export async function findMakers(on: Statements, name: string): Promise<string[]> {
  const rows = await on.query<{ name: string }>(
    `with recursive line (name) as (select $1::text union select t.created_by from line join api_token t on line.name = 'token ' || t.name)
     select name from line where name <> $1 limit 1000`,
    [name],
  );
  return rows.map((row) => row.name);
}
