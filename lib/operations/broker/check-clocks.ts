import type { Broker } from '#lib/brokers/broker.ts';
import { judgeClock, type WrongClock } from '#lib/lag/judge-clock.ts';
import { readClockPartitions, saveClocks } from '#lib/store/topics/topic-clocks.ts';
import type { Store } from '#lib/store/store.ts';

/** A broker reads a segment for each: the rest of a large cluster waits for the next look. */
const MAX_PARTITIONS = 2_000;
const LOOK_EVERY_MS = 300_000;

export interface ClockCheck {
  /** Looks at the newest timestamp of the partitions that moved since they were last looked at. Does nothing where the last look was a moment ago. */
  look(options: { now: Date; signal: AbortSignal }): Promise<{ looked: number; wrong: number }>;
}

/** Finds producers with a wrong clock in one cluster: on a slow pace, because timestamps decide nothing that Waybill shows. */
export function openClockCheck({ store, broker, clusterId, everyMs = LOOK_EVERY_MS }: { store: Store; broker: Broker; clusterId: number; everyMs?: number }): ClockCheck {
  /** The end at the last look, by topic id and partition. */
  const looked = new Map<string, bigint>();
  let lastAt: number | null = null;
  return {
    async look({ now, signal }) {
      const nowMs = now.getTime();
      if (lastAt !== null && nowMs - lastAt < everyMs) return { looked: 0, wrong: 0 };
      lastAt = nowMs;
      const all = await readClockPartitions(store, clusterId);
      const known = new Set(all.map(({ topicId, partition }) => `${topicId}:${partition}`));
      for (const key of looked.keys()) if (!known.has(key)) looked.delete(key);
      // Those that moved, and those whose future has come.
      const due = all.filter((p) => p.endOffset > 0n && (looked.get(`${p.topicId}:${p.partition}`) !== p.endOffset || p.clocks.some((one) => one.partition === p.partition && one.kind === 'ahead' && one.newestAt <= nowMs))).slice(0, MAX_PARTITIONS);
      signal.throwIfAborted();
      const found = new Map((await broker.findNewestTimestamps(due)).map((one) => [`${one.topic}:${one.partition}`, one]));
      const clocks = new Map<number, WrongClock[]>();
      for (const p of due) {
        const newest = found.get(`${p.topic}:${p.partition}`);
        if (newest === undefined) continue;
        const key = `${p.topicId}:${p.partition}`;
        const before = looked.get(key);
        looked.set(key, p.endOffset);
        const list = clocks.get(p.topicId) ?? p.clocks;
        const wrong = newest.offset === null || newest.timestamp === null ? null : judgeClock({ partition: p.partition, offset: newest.offset, newestAt: newest.timestamp, cameAfter: before !== undefined && p.endOffset > before ? p.changedAt.getTime() : null }, nowMs);
        // Without two looks it can't be said that what was found before is over.
        const kept = wrong ?? (before === undefined ? (list.find((one) => one.partition === p.partition && one.kind === 'behind') ?? null) : null);
        clocks.set(p.topicId, [...list.filter((one) => one.partition !== p.partition), ...(kept === null ? [] : [kept])].toSorted((a, b) => a.partition - b.partition));
      }
      await saveClocks(store, [...clocks].map(([topicId, list]) => ({ topicId, clocks: list })), now);
      return { looked: due.length, wrong: [...clocks.values()].reduce((sum, list) => sum + list.length, 0) };
    },
  };
}
