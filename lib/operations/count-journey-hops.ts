import { addUpHops } from '#lib/journey/add-up-hops.ts';
import { countHops, type HopCount } from '#lib/journey/count-hops.ts';
import { type CountedHop, packCounts, unpackCounts } from '#lib/journey/pack-counts.ts';
import type { Hop, JourneyGraph } from '#lib/model/journey.ts';
import { internWays, wayName } from '#lib/store/journeys/intern-ways.ts';
import { saveHopSums } from '#lib/store/journeys/save-hop-sums.ts';
import { coveredDays } from '#lib/store/partitions.ts';
import type { Statements } from '#lib/store/store.ts';

const MINUTES_OF_DAY = 1_440;

export interface JourneyToCount {
  id: string;
  graph: JourneyGraph;
  /** What it has added so far, as it is stored; null = nothing. */
  counted: Buffer | null;
}

/**
 * Brings the figures of the map up to date with journeys that were just resolved: what each has added before is taken back and what it has
 * now is added, in the transaction that resolves them and with its lock held. So each hop counts once, however often its journey is resolved,
 * however late its spans come and however many processes take turns (docs/decisions/0010-map.md).
 * @param merged what the journeys had added that are now part of another
 * @param clusterOf the cluster that a hop's span names
 * @returns what each has added now, to be stored with it
 */
export async function countJourneyHops(
  tx: Statements, journeys: readonly JourneyToCount[], merged: readonly Buffer[], clusterOf: (hop: Hop) => number | null, now: Date,
): Promise<Map<string, Buffer | null>> {
  if (journeys.length === 0 && merged.length === 0) return new Map();
  const { hop_minute: minuteDays, hop_hour: hourDays } = await coveredDays(tx, ['hop_minute', 'hop_hour']);
  // What is older than the figures are kept is not counted, and so is never taken back.
  const isKept = (days: ReadonlySet<number>) => (count: { minute: number }) => days.has(Math.floor(count.minute / MINUTES_OF_DAY));
  const found = journeys.map((journey) => ({ ...journey, counts: countHops(journey.graph, clusterOf).filter(isKept(hourDays)) }));
  const ids = await internWays(tx, found.flatMap(({ counts }) => counts.map((count) => count.way)), now);
  const changes: { sign: 1 | -1; counts: CountedHop[] }[] = merged.map((packed) => ({ sign: -1, counts: unpackCounts(packed) }));
  const examples = new Map<string, { journeyId: string; failedJourneyId: string | null }>();
  const results = new Map<string, Buffer | null>();
  for (const { id, counted, counts } of found) {
    const numbered = counts.flatMap(({ way, ...count }: HopCount): CountedHop[] => {
      const wayId = ids.get(wayName(way));
      return wayId === undefined ? [] : [{ ...count, wayId }];
    });
    const packed = numbered.length === 0 ? null : packCounts(numbered);
    results.set(id, packed);
    if (counted === null ? packed === null : packed !== null && counted.equals(packed)) continue;
    if (counted !== null) changes.push({ sign: -1, counts: unpackCounts(counted) });
    changes.push({ sign: 1, counts: numbered });
    for (const count of numbered) {
      const place = `${count.wayId}:${count.minute - (count.minute % 60)}`;
      const isFailed = count.failed === 1 || (count.deadLetters === 1 && count.hops === 1);
      examples.set(place, { journeyId: id, failedJourneyId: isFailed ? id : (examples.get(place)?.failedJourneyId ?? null) });
    }
  }
  const kept = (days: ReadonlySet<number>) => changes.map(({ sign, counts }) => ({ sign, counts: counts.filter(isKept(days)) }));
  await saveHopSums(tx, 'hop_minute', addUpHops(kept(minuteDays), 1), new Map());
  await saveHopSums(tx, 'hop_hour', addUpHops(kept(hourDays), 60), examples);
  return results;
}
