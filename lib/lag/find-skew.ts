import type { PartitionEvidence } from './diagnosis-facts.ts';

export interface Skew {
  topic: string;
  /** Those that hold nearly all of the lag, most first. */
  hot: PartitionEvidence[];
  /** The others, which keep up. */
  others: PartitionEvidence[];
  /** Share of the topic's lag that the hot ones hold, 0 to 1. */
  share: number;
  lag: bigint;
}

/** A few records on one partition are chance. */
const MIN_LAG = 50n;
const MIN_SHARE = 0.8;

/** One slow partition, or a few, while the others of the topic keep up: at most a quarter of them holds 80 % of the lag. null where no topic is like that. */
export function findSkew(partitions: readonly PartitionEvidence[]): Skew | null {
  const byTopic = new Map<string, PartitionEvidence[]>();
  for (const partition of partitions) {
    if (partition.lag === null) continue;
    const list = byTopic.get(partition.topic);
    if (list) list.push(partition);
    else byTopic.set(partition.topic, [partition]);
  }
  let worst: Skew | null = null;
  for (const [topic, list] of byTopic) {
    if (list.length < 2) continue;
    const lag = list.reduce((sum, p) => sum + (p.lag ?? 0n), 0n);
    if (lag < MIN_LAG) continue;
    const sorted = list.toSorted((a, b) => ((a.lag ?? 0n) < (b.lag ?? 0n) ? 1 : (a.lag ?? 0n) > (b.lag ?? 0n) ? -1 : a.partition - b.partition));
    const most = Math.max(1, Math.floor(list.length / 4));
    let held = 0n;
    for (let hot = 1; hot <= most; hot += 1) {
      held += sorted[hot - 1]?.lag ?? 0n;
      const share = Number((held * 10_000n) / lag) / 10_000;
      const others = sorted.slice(hot);
      if (share < MIN_SHARE) continue;
      if (others.every((p) => p.status === 'ok' || p.status === 'empty') && (worst === null || lag > worst.lag)) worst = { topic, hot: sorted.slice(0, hot), others, share, lag };
      break;
    }
  }
  return worst;
}
