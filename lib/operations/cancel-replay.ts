import type { Store } from '#lib/store/store.ts';
import type { WireReplayDetail } from './replay-wire.ts';
import { steer, type SteerInput } from './steer-replay.ts';

/**
 * Ends a replay after its current batch: what was not sent stays a dead letter, what was sent stays sent.
 * @throws WaybillError `not-found` 404, `replay-state` 409
 */
export function cancelReplay(store: Store, input: SteerInput): Promise<WireReplayDetail> {
  return steer(store, 'cancel', input);
}
