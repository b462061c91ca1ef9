import { countNeeds, type NeedCounts } from '#lib/store/overview/count-needs.ts';
import type { Store } from '#lib/store/store.ts';

export interface FrameFacts {
  clusters: { name: string; state: string; lastCycleAt: string | null; downSince: string | null; lastError: string | null }[];
  /** The newest cycle of any cluster, ISO 8601; null before the first. */
  lastCycleAt: string | null;
  needs: NeedCounts;
}

/** What the frame around every screen shows: clusters, the age of the last cycle, and where a person is needed. */
export async function readFrame(store: Store, input: { now: Date }): Promise<FrameFacts> {
  const [clusters, needs] = await Promise.all([
    store.prisma.cluster.findMany({ select: { name: true, state: true, lastCycleAt: true, downSince: true, lastError: true }, orderBy: { name: 'asc' }, take: 64 }),
    countNeeds(store, input.now),
  ]);
  const newest = Math.max(0, ...clusters.map((cluster) => cluster.lastCycleAt?.getTime() ?? 0));
  return {
    clusters: clusters.map((cluster) => ({ ...cluster, lastCycleAt: cluster.lastCycleAt?.toISOString() ?? null, downSince: cluster.downSince?.toISOString() ?? null })),
    lastCycleAt: newest === 0 ? null : new Date(newest).toISOString(),
    needs,
  };
}
