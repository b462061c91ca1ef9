import type { GroupSummary } from '#lib/operations/group-shape.ts';

const TOPICS_SENT = 3;

/** What one row of the list needs: 5,000 of them go to the browser with each cycle, so each field is what is shown and no more. */
export type LagRow = Pick<
  GroupSummary,
  'cluster' | 'group' | 'status' | 'statusSince' | 'lag' | 'lagSeconds' | 'lagSecondsQuality' | 'lost' | 'producedPerSecond' | 'consumedPerSecond' | 'drainSeconds' | 'neverDrains' | 'members' | 'partitionCount' | 'partitionsBehind' | 'unknownPartitions' | 'uncommittedPartitions' | 'beyondPartitions' | 'observedAt' | 'stale' | 'error' | 'topicsBehind' | 'arrived' | 'watchedSeconds' | 'missingRight' | 'topicsHidden' | 'endedBecause'
> & { topics: string[]; topicCount: number };

/** A row as an array: names of fields would be most of the page. The order is that of `unpackRow`. */
export type PackedRow = readonly [number, string, LagRow['status'], number | null, string | null, number | null, LagRow['lagSecondsQuality'], string, number | null, number | null, number | null, number | null, number, number, number, number, number | null, string | null, string[], number, number, string | null, number | null, number, Rare?];

/** What few rows have: nothing of it is sent for the others. */
interface Rare {
  right?: string;
  hides?: true;
  ended?: string;
}

export interface PackedRows {
  clusters: string[];
  rows: PackedRow[];
}

export function packRows(groups: readonly GroupSummary[]): PackedRows {
  const clusters = [...new Set(groups.map((group) => group.cluster))];
  return {
    clusters,
    rows: groups.map((g) => [
      clusters.indexOf(g.cluster),
      g.group,
      g.status,
      ms(g.statusSince),
      g.lag,
      round(g.lagSeconds, 10),
      g.lagSecondsQuality,
      g.lost,
      round(g.producedPerSecond, 1_000),
      round(g.consumedPerSecond, 1_000),
      g.neverDrains ? -1 : round(g.drainSeconds, 1),
      g.members,
      g.partitionCount,
      g.partitionsBehind,
      g.unknownPartitions,
      g.uncommittedPartitions,
      g.stale ? (ms(g.observedAt) ?? -1) : null,
      g.error,
      g.topics.slice(0, TOPICS_SENT),
      g.topics.length,
      g.topicsBehind,
      g.status === 'stopped' ? g.arrived : null,
      round(g.watchedSeconds, 1),
      g.beyondPartitions,
      ...rareOf(g),
    ]),
  };
}

export function unpackRow(clusters: readonly string[], row: PackedRow): LagRow {
  const [cluster, group, status, since, lag, lagSeconds, lagSecondsQuality, lost, producedPerSecond, consumedPerSecond, drain, members, partitionCount, partitionsBehind, unknownPartitions, uncommittedPartitions, staleAt, error, topics, topicCount, topicsBehind, arrived, watchedSeconds, beyondPartitions, rare] = row;
  return {
    cluster: clusters[cluster] ?? '',
    group,
    status,
    statusSince: iso(since),
    lag,
    lagSeconds,
    lagSecondsQuality,
    lost,
    producedPerSecond,
    consumedPerSecond,
    drainSeconds: drain === null || drain < 0 ? null : drain,
    neverDrains: drain !== null && drain < 0,
    members,
    partitionCount,
    partitionsBehind,
    unknownPartitions,
    uncommittedPartitions,
    stale: staleAt !== null,
    observedAt: staleAt === null || staleAt < 0 ? null : iso(staleAt),
    error,
    topics,
    topicCount,
    topicsBehind,
    arrived,
    watchedSeconds,
    beyondPartitions,
    missingRight: rare?.right ?? null,
    topicsHidden: rare?.hides ?? false,
    endedBecause: rare?.ended ?? null,
  };
}

function rareOf(g: GroupSummary): [] | [Rare] {
  // Only where it changes the sentence.
  const hides = g.topicsHidden && g.partitionCount === 0;
  if (g.missingRight === null && !hides && g.endedBecause === null) return [];
  return [{ ...(g.missingRight === null ? {} : { right: g.missingRight }), ...(hides ? { hides } : {}), ...(g.endedBecause === null ? {} : { ended: g.endedBecause }) }];
}

function ms(at: string | null): number | null {
  return at === null ? null : Date.parse(at);
}

function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

function round(value: number | null, steps: number): number | null {
  return value === null ? null : Math.round(value * steps) / steps;
}
