import { z } from 'zod';
import { recordAudit } from '#lib/access/record-audit.ts';
import { WaybillError } from '#lib/errors.ts';
import type { Principal } from '#lib/model/access.ts';
import { type DiscoveryState, lockDiscovery, writeDecision } from '#lib/store/discovery/discoveries.ts';
import type { Store } from '#lib/store/store.ts';
import { requireCluster } from './list-groups.ts';

export const topicDecisionSchema = z.strictObject({
  cluster: z.string().max(64),
  topic: z.string().min(1).max(249),
  /** take: read it from now on. ignore: never propose it again. undecide: propose it again. */
  decision: z.enum(['take', 'ignore', 'undecide']),
  /** What it holds; as proposed unless given. */
  role: z.enum(['dead-letter', 'retry']).optional(),
});
export type TopicDecision = z.output<typeof topicDecisionSchema>;
export const topicDecisionAnswerSchema = z.object({ cluster: z.string(), topic: z.string(), state: z.enum(['proposed', 'taken', 'ignored']), role: z.enum(['dead-letter', 'retry']) });

const STATE: Record<TopicDecision['decision'], DiscoveryState> = { take: 'taken', ignore: 'ignored', undecide: 'proposed' };

/**
 * Takes in a topic that was found by its headers, ignores it, or takes either back. The collectors follow within seconds; what was stored stays.
 * Deciding the same twice changes nothing.
 * @throws WaybillError `cluster-not-found`, `topic-not-proposed` 404
 */
export async function decideDeadLetterTopic(store: Store, input: TopicDecision, actor: Pick<Principal, 'name'>, now: Date): Promise<z.output<typeof topicDecisionAnswerSchema>> {
  const clusterId = await requireCluster(store, input.cluster);
  return store.transaction(async (tx) => {
    const before = await lockDiscovery(tx, clusterId, input.topic);
    if (before === null) throw new WaybillError('topic-not-proposed', `Waybill has found no dead-letter or retry headers on ${input.topic}. Name it under deadLetters.topics to read it all the same.`, { status: 404 });
    const after = { state: STATE[input.decision], role: input.role ?? before.role };
    if (before.state !== after.state || before.role !== after.role) {
      await writeDecision(tx, clusterId, input.topic, { ...after, by: actor.name, at: now });
      await recordAudit(tx, actor, { action: `dead-letter-topic.${input.decision}`, target: `${input.cluster}/${input.topic}`, before, after });
      await store.notify('dead-letters', { cluster: input.cluster, topic: input.topic }, tx);
    }
    return { cluster: input.cluster, topic: input.topic, ...after };
  });
}
