import type { Detected, Fingerprint } from '#lib/model/hygiene.ts';
import { example, MOST_EXAMPLES, part, percent, recordAt } from './words.ts';

const LEAST = 20;
/** The newest that are looked at: a producer that was changed shows after so many. */
const NEWEST = 50;
const SHARE = 0.95;

/** Topics whose events name neither a type nor a version nor a schema: whoever reads them has to guess which form they have. Values that could not be read (binary, too large) are left out. */
export function detectUnversioned(topic: string, records: readonly Fingerprint[]): Detected | null {
  const judged = records.filter((record) => record.marked !== null).toSorted((a, b) => b.atMs - a.atMs).slice(0, NEWEST);
  const bare = judged.filter((record) => record.marked === false);
  const newest = bare[0];
  if (judged.length < LEAST || newest === undefined || bare.length / judged.length < SHARE) return null;
  return {
    kind: 'unversioned',
    severity: 'info',
    subject: { topic, group: null, service: null },
    sentence: `${part(bare.length, judged.length, 'event')} looked at last on ${topic} (${percent(bare.length / judged.length)}) ${bare.length === 1 ? 'names' : 'name'} no type, version or schema, in headers or value.`,
    facts: [
      { label: 'Events looked at', value: judged.length, unit: 'count' },
      { label: 'Without a marker', value: bare.length, unit: 'count' },
    ],
    examples: bare.slice(0, MOST_EXAMPLES - 2).map((record) => example('No header and no field that names its type or version.', [recordAt(topic, record)])),
    since: new Date(bare.at(-1)!.atMs),
    lastSeen: new Date(newest.atMs),
  };
}
