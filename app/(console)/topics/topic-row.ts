import type { TopicSummary } from '#lib/operations/topic-shape.ts';

/** What one row of the list needs: 5,000 of them go to the browser, so each field is what is shown and no more. */
export type TopicRow = Pick<
  TopicSummary,
  'cluster' | 'topic' | 'partitions' | 'replicationFactor' | 'internal' | 'role' | 'offsetsHeld' | 'producedPerSecond' | 'sizeBytes' | 'cleanupPolicy' | 'retentionMs' | 'retentionBytes' | 'underReplicated' | 'offline' | 'groups' | 'lag' | 'nobodyConsumes'
> & { producers: string[]; consumers: string[]; sizeError: string | null; configError: string | null };

/** A row as an array: names of fields would be most of the page. The order is that of `unpackTopic`; texts that repeat are indexes into `texts`. */
export type PackedTopic = readonly [number, string, number, number | null, number, number, string | null, number | null, string | null, number, string | null, string | null, number | null, number | null, number, string | null, number | null, number[], number[], number, number];

export interface PackedTopics {
  /** Clusters, roles, policies, reasons, and the names of services and groups: all of them, because the list is searched where it is shown. */
  texts: string[];
  rows: PackedTopic[];
}

export function packTopics(topics: readonly TopicSummary[]): PackedTopics {
  const texts: string[] = [];
  const places = new Map<string, number>();
  const place = (text: string | null): number => {
    if (text === null) return -1;
    let found = places.get(text);
    if (found === undefined) {
      found = texts.push(text) - 1;
      places.set(text, found);
    }
    return found;
  };
  const rows = topics.map((t): PackedTopic => [
    place(t.cluster),
    t.topic,
    t.partitions,
    t.replicationFactor,
    t.internal ? 1 : 0,
    place(t.role),
    t.offsetsHeld,
    t.producedPerSecond === null ? null : Number(t.producedPerSecond.toPrecision(3)),
    t.sizeBytes,
    place(t.cleanupPolicy),
    t.retentionMs,
    t.retentionBytes,
    t.underReplicated,
    t.offline,
    t.groups,
    t.lag,
    t.nobodyConsumes === null ? null : t.nobodyConsumes ? 1 : 0,
    t.producers.map(place),
    t.consumers.map(place),
    place(t.sizeError),
    place(t.configError),
  ]);
  return { texts, rows };
}

export function unpackTopic(texts: readonly string[], row: PackedTopic): TopicRow {
  const [cluster, topic, partitions, replicationFactor, internal, role, offsetsHeld, producedPerSecond, sizeBytes, cleanupPolicy, retentionMs, retentionBytes, underReplicated, offline, groups, lag, nobody, producers, consumers, sizeError, configError] = row;
  const named = (places: readonly number[]) => places.map((at) => texts[at] ?? '');
  return {
    cluster: texts[cluster] ?? '',
    topic,
    partitions,
    replicationFactor,
    internal: internal === 1,
    role: texts[role] ?? null,
    offsetsHeld,
    producedPerSecond,
    sizeBytes,
    cleanupPolicy: texts[cleanupPolicy] ?? null,
    retentionMs,
    retentionBytes,
    underReplicated,
    offline,
    groups,
    lag,
    nobodyConsumes: nobody === null ? null : nobody === 1,
    producers: named(producers),
    consumers: named(consumers),
    sizeError: texts[sizeError] ?? null,
    configError: texts[configError] ?? null,
  };
}
