import type { Store } from '#lib/store/store.ts';
import type { WireReplayDetail } from './replay-wire.ts';
import { steer, type SteerInput } from './steer-replay.ts';

/**
 * Asks a running replay to rest after its current batch; its position is kept.
 * @throws WaybillError `not-found` 404, `replay-state` 409
 */
export function pauseReplay(store: Store, input: SteerInput): Promise<WireReplayDetail> {
  return steer(store, 'pause', input);
}
