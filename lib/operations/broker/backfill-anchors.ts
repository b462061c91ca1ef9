import type { Broker } from '#lib/brokers/broker.ts';
import type { OffsetsSnapshot } from '#lib/brokers/port-offsets.ts';
import { insertPast } from '#lib/lag/anchors.ts';
import type { ClusterState } from '#lib/lag/cluster-state.ts';

/** Older anchors are asked of the broker where the age of a backlog is only a lower bound. Ages in ms; one request a leader each. */
const BACKFILL_LADDER_MS = [60_000, 300_000, 900_000, 3_600_000, 21_600_000, 86_400_000];
const BACKFILL_EVERY_MS = 3_600_000;
const BACKFILL_PARTITIONS = 2_000;

/** Asks the brokers when records were written that lie before the oldest anchor: of lagging partitions only, each at most once an hour. */
export async function backfillAnchors(broker: Broker, cluster: ClusterState, snapshot: OffsetsSnapshot, nowMs: number): Promise<void> {
  const wanted: { topic: string; partition: number }[] = [];
  for (const group of snapshot.groups) {
    for (const { topic: name, partitions, offsets } of group.committed ?? []) {
      const topic = cluster.topics.get(name);
      for (let i = 0; topic && i < partitions.length && wanted.length < BACKFILL_PARTITIONS; i += 1) {
        const partition = partitions[i] ?? -1;
        const end = topic.partitions[partition];
        const offset = offsets[i] ?? 0n;
        if (!end || end.endOffset === null || offset >= end.endOffset || offset >= (end.anchors.offsets[0] ?? 0n)) continue;
        if (end.backfilledAt !== null && nowMs - end.backfilledAt < BACKFILL_EVERY_MS) continue;
        end.backfilledAt = nowMs;
        wanted.push({ topic: name, partition });
      }
    }
  }
  if (wanted.length === 0) return;
  for (const ageMs of BACKFILL_LADDER_MS) {
    for (const found of await broker.findOffsetsAtTime(wanted, nowMs - ageMs).catch(() => [])) {
      const anchors = cluster.topics.get(found.topic)?.partitions[found.partition]?.anchors;
      if (!anchors) continue;
      if (found.offset !== null && found.timestamp !== null) insertPast(anchors, found.offset, found.timestamp);
      // Nothing was written since then: the end stood where it stands.
      else if (anchors.offsets.length === 1) anchors.firstAt[0] = Math.min(anchors.firstAt[0] ?? nowMs, nowMs - ageMs);
    }
  }
}
