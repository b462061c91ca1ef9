import { learnPath, statsIn } from '#lib/journey/learn-path.ts';
import { derivePath } from '#lib/journey/derive-path.ts';
import { statsOf } from '#lib/journey/path-stats.ts';
import { saveEdit, savePath, saveVersion } from '#lib/store/journeys/expected-paths.ts';
import type { Store } from '#lib/store/store.ts';
import { anOrder } from '#test/journeys/a-graph.ts';

/** A usual path of an entry type, learned from journeys that never were: with a branch, a person's edit and a version before it. */
export async function seedUsualPath(store: Store, entryType: string, now: Date): Promise<void> {
  const journeys = Array.from({ length: 40 }, (_, place) => {
    const startMs = now.getTime() - 600_000 + place * 1_000;
    return { startMs, stats: statsOf(anOrder({ startMs, slowMs: place * 20, without: place % 4 === 0 ? ['process notification'] : [] })) };
  });
  const { learning } = learnPath(null, entryType, journeys, [], now.getTime());
  const path = derivePath(statsIn(learning), learning);
  const [first] = path.steps;
  const shift = { added: ['process notification payments'], gone: [] };
  await savePath(store, { ...learning, version: 2, shift, why: 'deploy of notification 1.4.0', trial: { ...learning.trial, why: 'deploy of payment 2.0.0' } }, { ...path, version: 2 }, now);
  await saveVersion(store, entryType, { version: 1, since: new Date(now.getTime() - 86_400_000), until: new Date(path.sinceMs), why: 'the first that was learned', shift: { added: [], gone: [] }, path });
  await saveEdit(store, entryType, { ...first!, requirement: 'required', by: 'ana', atMs: now.getTime() - 60_000 });
}
