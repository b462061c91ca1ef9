import type { Store } from '#lib/store/store.ts';
import { decideReplay, type DecideInput } from './decide-replay.ts';
import type { WireReplayDetail } from './replay-wire.ts';

/**
 * Ends a replay that waits for a second person; nothing of it was sent.
 * @throws WaybillError as decideReplay
 */
export function declineReplay(store: Store, input: DecideInput & { reason: string }): Promise<WireReplayDetail> {
  return decideReplay(store, 'decline', input);
}
