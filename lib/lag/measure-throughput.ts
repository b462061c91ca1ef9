/** What one reading of all end offsets says about a topic: their sum at the reading before, and now. null = not known. */
export interface TopicEnds {
  id: number;
  before: bigint | null;
  now: bigint | null;
}

export interface Throughput {
  /** Written between the two readings in every topic that is known at both ends. */
  records: bigint;
  unknownTopics: number;
  /** Topics with most records, most first, then those that are not known (null): together what a row keeps. A topic that is in neither wrote nothing, as long as there is room. */
  top: { id: number; records: bigint | null }[];
}

/** So many topics with records are kept of each reading: what a chart shows is among them, and a row stays small however many topics there are. */
export const TOPICS_KEPT = 50;
const UNKNOWN_KEPT = 50;

/** How many records were written between two readings, in all and by topic. An end that went back is a topic recreated or truncated: not known. */
export function measureThroughput(topics: readonly TopicEnds[]): Throughput {
  const written: { id: number; records: bigint }[] = [];
  const unknown: number[] = [];
  let records = 0n;
  for (const { id, before, now } of topics) {
    if (before === null || now === null || now < before) unknown.push(id);
    else if (now > before) {
      written.push({ id, records: now - before });
      records += now - before;
    }
  }
  written.sort((a, b) => (a.records === b.records ? a.id - b.id : a.records > b.records ? -1 : 1));
  return { records, unknownTopics: unknown.length, top: [...written.slice(0, TOPICS_KEPT), ...unknown.slice(0, UNKNOWN_KEPT).map((id) => ({ id, records: null }))] };
}
