import type { LagStatus } from '#lib/model/lag.ts';
import type { GroupPartitionState } from './cluster-state.ts';

/**
 * What is stored as the status of a partition: while reading fails it stays the last that was known, because "unknown" can be derived from the
 * failure and what was known cannot. So a restart in the middle of an outage forgets nothing, and an outage writes no rows.
 */
export function storedStatus(state: Pick<GroupPartitionState, 'status' | 'statusSince' | 'known' | 'knownSince' | 'committedOffset' | 'vanished'>): { status: LagStatus; since: number | null } {
  const read = state.committedOffset !== null || state.vanished;
  return state.status === 'unknown' && read && state.knownSince !== null ? { status: state.known, since: state.knownSince } : { status: state.status, since: state.statusSince };
}
