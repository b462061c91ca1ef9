import { z } from 'zod';
import { deploysOf } from '#lib/lag/deploys.ts';
import { readGroupEvents, readMarkers, readServicesOfGroup, readVersions } from '#lib/store/lag/read-marks.ts';
import type { Store } from '#lib/store/store.ts';
import { timeSchema } from '#lib/wire.ts';

export const groupMarkSchema = z.object({ at: timeSchema, kind: z.enum(['rebalance', 'members', 'deploy', 'marker']), text: z.string() });
export type GroupMark = z.output<typeof groupMarkSchema>;

/** A rebalance is a burst of joins and leaves: what follows within this belongs to the same one. */
const BURST_MS = 60_000;
const MAX_MARKS = 200;

/** What happened to a group in a stretch of time: rebalances, members, deploys of its services, markers. Oldest first; the newest where there are too many. */
export async function readGroupMarks(store: Store, of: { clusterId: number; groupId: number; group: string; from: Date; to: Date }): Promise<GroupMark[]> {
  const [events, markers, services] = await Promise.all([readGroupEvents(store, of.groupId, of.from, of.to), readMarkers(store, of.clusterId, of.groupId, of.from, of.to), readServicesOfGroup(store, of.clusterId, of.groupId, of.group)]);
  const deploys = deploysOf((await readVersions(store, services, of.from, of.to)).map((row) => ({ service: row.service, version: row.version, atMs: row.at.getTime() })));
  const marks = [
    ...burstsOf(events.toReversed()),
    ...deploys.filter((deploy) => deploy.atMs >= of.from.getTime()).map((deploy): GroupMark => ({ at: new Date(deploy.atMs).toISOString(), kind: 'deploy', text: `${deploy.service} ${deploy.to} deployed, ${deploy.from} before` })),
    ...markers.map((marker): GroupMark => ({ at: marker.at.toISOString(), kind: 'marker', text: `${marker.text} (${marker.author})` })),
  ];
  return marks.toSorted((left, right) => left.at.localeCompare(right.at)).slice(-MAX_MARKS);
}

function burstsOf(events: readonly { at: Date; kind: string; joined: number | null; left: number | null }[]): GroupMark[] {
  const bursts: { at: Date; last: number; rebalance: boolean; joined: number; left: number }[] = [];
  for (const event of events) {
    let burst = bursts.at(-1);
    if (!burst || event.at.getTime() - burst.last > BURST_MS) {
      burst = { at: event.at, last: 0, rebalance: false, joined: 0, left: 0 };
      bursts.push(burst);
    }
    burst.last = event.at.getTime();
    burst.rebalance ||= event.kind === 'rebalance';
    burst.joined += event.joined ?? 0;
    burst.left += event.left ?? 0;
  }
  return bursts.map(({ at, rebalance, joined, left }) => {
    const moved = [...(joined > 0 ? [`${joined} joined`] : []), ...(left > 0 ? [`${left} left`] : [])].join(', ');
    return { at: at.toISOString(), kind: rebalance ? 'rebalance' : 'members', text: `${rebalance ? 'rebalance' : 'members'}${moved === '' ? '' : `: ${moved}`}` };
  });
}
