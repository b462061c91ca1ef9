import type { Store } from '#lib/store/store.ts';
import { decideReplay, type DecideInput } from './decide-replay.ts';
import type { WireReplayDetail } from './replay-wire.ts';

/**
 * Lets a replay that waits for a second person start.
 * @throws WaybillError as decideReplay
 */
export function approveReplay(store: Store, input: DecideInput): Promise<WireReplayDetail> {
  return decideReplay(store, 'approve', input);
}
