import type { Statements } from '../store.ts';

// journey_member: `by` is the kind of reference (key, span, at), `ref` the whole reference (lib/journey/references.ts).

/** The journeys that these references belong to. @returns journey id by reference */
export async function readMembers(on: Statements, references: readonly string[]): Promise<Map<string, string>> {
  if (references.length === 0) return new Map();
  const rows = await on.query<{ ref: string; journeyId: string }>(
    `select m.ref, m.journey_id as "journeyId" from unnest($1::text[], $2::text[]) as given (by, ref) join journey_member m using (by, ref)`,
    [references.map(kindOf), references],
  );
  return new Map(rows.map((row) => [row.ref, row.journeyId]));
}

export interface StoredJourney {
  key: string | null;
  keyBy: string | null;
  /** What it has added to the figures of the map (lib/journey/pack-counts.ts); null = nothing. */
  counted: Buffer | null;
}

/** The keys of stored journeys, and what was counted of them. */
export async function readKeys(on: Statements, journeyIds: readonly string[]): Promise<Map<string, StoredJourney>> {
  if (journeyIds.length === 0) return new Map();
  const rows = await on.query<StoredJourney & { id: string }>('select id, key, key_by as "keyBy", counted from journey where id = any($1::uuid[])', [journeyIds]);
  return new Map(rows.map((row) => [row.id, row]));
}

/** Holds until the transaction ends: one resolver at a time. */
export async function lockResolving(on: Statements): Promise<void> {
  await on.execute('select pg_advisory_xact_lock($1)', [resolvingLock]);
}

const resolvingLock = 7_401_318;

/** All references of these journeys, at most `limit`. */
export async function readReferences(on: Statements, journeyIds: readonly string[], limit: number): Promise<{ ref: string; journeyId: string }[]> {
  if (journeyIds.length === 0) return [];
  return on.query(`select ref, journey_id as "journeyId" from journey_member where journey_id = any($1::uuid[]) limit $2`, [journeyIds, limit]);
}

/** Gives references to journeys, also those that belonged to another: the graph of the whole set decides. */
export async function writeMembers(on: Statements, members: readonly { ref: string; journeyId: string }[], at: Date): Promise<void> {
  if (members.length === 0) return;
  const sorted = members.toSorted((a, b) => (a.ref < b.ref ? -1 : 1)); // one order of locks for everybody
  await on.execute(
    `insert into journey_member as m (by, ref, journey_id, at) select by, ref, journey_id, $4 from unnest($1::text[], $2::text[], $3::uuid[]) as given (by, ref, journey_id)
     on conflict (by, ref) do update set journey_id = excluded.journey_id where m.journey_id <> excluded.journey_id`,
    [sorted.map((member) => kindOf(member.ref)), sorted.map((member) => member.ref), sorted.map((member) => member.journeyId), at],
  );
}

/** Makes journeys redirect to the older one that they were found to be. */
export async function mergeJourneys(on: Statements, merges: readonly { from: string; to: string }[]): Promise<void> {
  if (merges.length === 0) return;
  const params = [merges.map((merge) => merge.from), merges.map((merge) => merge.to)];
  await on.execute(
    `insert into journey_alias (id, journey_id) select * from unnest($1::uuid[], $2::uuid[]) on conflict (id) do update set journey_id = excluded.journey_id`, params);
  await on.execute(`update journey_alias a set journey_id = given.target from unnest($1::uuid[], $2::uuid[]) as given (source, target) where a.journey_id = given.source`, params);
  await on.execute(`update journey_member m set journey_id = given.target from unnest($1::uuid[], $2::uuid[]) as given (source, target) where m.journey_id = given.source`, params);
  await on.execute(`delete from journey where id = any($1::uuid[])`, [params[0]]);
}

function kindOf(reference: string): string {
  return reference.slice(0, reference.indexOf(':'));
}
