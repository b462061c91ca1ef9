import { WaybillError } from '#lib/errors.ts';
import type { Store } from '#lib/store/store.ts';
import { askBroker } from './ask-broker.ts';
import { findDeadLetter } from './get-dead-letter.ts';
import { originLookSchema, type WireOriginLook } from './origin-look-wire.ts';

/**
 * What the origin topic holds of a dead letter: whether the original is still there and the same, and newer records of its key.
 * @throws WaybillError `dead-letter-not-found` 404, or the broker's own
 */
export async function lookAtOrigin(store: Store, input: { id: string; further: boolean; principal: string; signal?: AbortSignal }): Promise<WireOriginLook> {
  const row = await findDeadLetter(store, input.id);
  const [answer] = await askBroker(store, {
    clusterId: row.clusterId,
    kind: 'look-at-origin',
    params: { id: input.id, further: input.further },
    principal: input.principal,
    // The search ends itself in time; this is for one that does not come to its end.
    timeoutMs: input.further ? 90_000 : 15_000,
    ...(input.signal ? { signal: input.signal } : {}),
  });
  if (answer === undefined) throw new WaybillError('broker-request-failed', 'The answer broke off before its end.', { status: 502, retryable: true });
  return originLookSchema.parse(answer);
}
