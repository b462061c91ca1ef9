import type { Statements } from '../store.ts';

/** A service that a span says wrote to a topic. */
export interface ProducerSighting {
  topic: string;
  /** 0 where the span did not say which cluster. */
  clusterId: number;
  service: string;
  seenAt: Date;
}

/** Remembers who writes where: one row a pair, moved forward by later sightings. */
export async function noteProducers(on: Statements, seen: readonly ProducerSighting[]): Promise<void> {
  if (seen.length === 0) return;
  // In one order everywhere, so that two receivers never wait for each other.
  const sorted = seen.toSorted((a, b) => (a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.clusterId - b.clusterId || (a.service < b.service ? -1 : 1)));
  await on.execute(
    `insert into topic_producer as p (topic, cluster_id, service, first_seen_at, last_seen_at)
     select n.topic, n.cluster_id, n.service, n.seen_at, n.seen_at from unnest($1::text[], $2::int[], $3::text[], $4::timestamptz[]) as n(topic, cluster_id, service, seen_at)
     on conflict (topic, cluster_id, service) do update set last_seen_at = greatest(p.last_seen_at, excluded.last_seen_at), first_seen_at = least(p.first_seen_at, excluded.first_seen_at)`,
    [sorted.map((one) => one.topic), sorted.map((one) => one.clusterId), sorted.map((one) => one.service), sorted.map((one) => one.seenAt)],
  );
}

/** Forgets who has not written since `before`. @returns how many */
export async function forgetProducers(on: Statements, before: Date): Promise<number> {
  return on.execute('delete from topic_producer where last_seen_at < $1', [before]);
}
