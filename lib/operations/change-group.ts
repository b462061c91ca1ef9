import { createHash } from 'node:crypto';
import { WaybillError } from '#lib/errors.ts';
import type { Principal } from '#lib/model/access.ts';
import type { Store } from '#lib/store/store.ts';
import { askBroker } from './ask-broker.ts';
import { type GroupChange, type GroupChangeAnswer, groupChangeAnswerSchema } from './group-change-wire.ts';
import { requireCluster } from './list-groups.ts';

const TIMEOUT_MS = 60_000;
const MAX_KEY_CHARS = 200;

/**
 * Changes a group through the collectors, or says what the change would do (dryRun). The same idempotency key and body answer with the
 * same outcome for ten minutes, as long as answers are kept; the fingerprint of a dry run protects beyond that.
 * @throws WaybillError `cluster-not-found` 404, `idempotency-key-reused` 409, and what lib/operations/broker/change-group.ts and askBroker throw
 */
export async function changeGroup(store: Store, input: { cluster: string; change: GroupChange; principal: Pick<Principal, 'name'>; idempotencyKey: string | null; signal?: AbortSignal }): Promise<GroupChangeAnswer> {
  const { cluster, change, principal, idempotencyKey } = input;
  if (idempotencyKey !== null && (idempotencyKey.length === 0 || idempotencyKey.length > MAX_KEY_CHARS)) throw new WaybillError('invalid-request', `Idempotency-Key: 1 to ${MAX_KEY_CHARS} characters.`, { status: 400 });
  const clusterId = await requireCluster(store, cluster);
  const [answer] = await askBroker(store, {
    clusterId,
    kind: 'change-group',
    params: change,
    principal: principal.name,
    timeoutMs: TIMEOUT_MS,
    ...(input.signal && change.dryRun ? { signal: input.signal } : {}),
    // Keys of different people and clusters never meet.
    ...(idempotencyKey !== null && !change.dryRun ? { once: uuidOf(`${clusterId}:${principal.name}:${idempotencyKey}`) } : {}),
  });
  return groupChangeAnswerSchema.parse(answer);
}

/** A name as a UUID (RFC 9562, version 8: the bits are ours). */
function uuidOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
