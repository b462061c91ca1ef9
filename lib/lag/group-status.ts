import { LAG_STATUSES, type LagStatus } from '#lib/model/lag.ts';

export interface GroupFacts {
  /** How many partitions have each status. Partitions without a commit count as unknown. */
  partitions: ReadonlyMap<LagStatus, number>;
  /** The group's offsets could not be read in the last cycle. */
  readFailed: boolean;
  /** Since when the broker says that members are rearranging, epoch ms. */
  rebalancingSince: number | null;
  memberless: boolean;
}

/** A rebalance shorter than this is daily life. */
export const REBALANCE_PATIENCE_MS = 20_000;

/**
 * Status of a group: the most urgent of its partitions. Where only some could be read, those speak; where none could, it is unknown.
 * A rebalance that lasts is told before "falling behind", because it is the cause.
 */
export function groupStatus(facts: GroupFacts, nowMs: number): LagStatus {
  if (facts.readFailed) return 'unknown';
  const rebalancing = facts.rebalancingSince !== null && nowMs - facts.rebalancingSince >= REBALANCE_PATIENCE_MS;
  for (const status of LAG_STATUSES) {
    if (rebalancing && status === 'falling-behind') return 'rebalancing';
    if (status === 'unknown') continue;
    if ((facts.partitions.get(status) ?? 0) > 0) return status;
  }
  if (rebalancing) return 'rebalancing';
  return facts.memberless && (facts.partitions.get('unknown') ?? 0) === 0 ? 'empty' : 'unknown';
}

/** What the broker calls a group whose members are being rearranged: classic (two states), KIP-848 and KIP-1071. */
export function isRebalancing(state: string): boolean {
  return ['PreparingRebalance', 'CompletingRebalance', 'Assigning', 'Reconciling'].includes(state);
}
