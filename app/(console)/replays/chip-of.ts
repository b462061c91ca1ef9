import type { WireReplay } from '#lib/operations/replay-wire.ts';

/** The state word of a replay: what waits for a worker, and why one that never ran is over, are words of their own. */
export function chipOf(replay: WireReplay): string {
  if (replay.queued) return 'queued';
  const decision = replay.state === 'cancelled' ? replay.approval?.decision : null;
  return decision === 'declined' || decision === 'lapsed' ? decision : replay.state;
}
