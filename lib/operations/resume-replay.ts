import type { Store } from '#lib/store/store.ts';
import type { WireReplayDetail } from './replay-wire.ts';
import { steer, type SteerInput } from './steer-replay.ts';

/**
 * Lets a paused replay go on, approves a canary, or decides what could not be proved.
 * @throws WaybillError `not-found` 404, `replay-state` 409, `decision-needed` 409
 */
export function resumeReplay(store: Store, input: SteerInput): Promise<WireReplayDetail> {
  return steer(store, 'resume', input);
}
