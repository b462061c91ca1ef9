import { z } from 'zod';
import { readOriginsOfTopics, readTopics } from '#lib/store/dead-letters/read-topics.ts';
import { readDiscoveries } from '#lib/store/discovery/discoveries.ts';
import type { Store } from '#lib/store/store.ts';
import { listSchema, timeSchema, type Page } from '#lib/wire.ts';

const countSchema = z.object({ topic: z.string(), records: z.number().int() });

export const deadLetterTopicSchema = z.object({
  cluster: z.string(),
  topic: z.string(),
  role: z.enum(['dead-letter', 'retry']),
  /** read: by pattern, by configuration, or because it was taken in. proposed and ignored: found by headers, not read. */
  state: z.enum(['read', 'proposed', 'ignored']),
  source: z.enum(['pattern', 'configuration', 'headers']),
  partitions: z.number().int().nullable(),
  /** Topics whose records end here, by what the records say; most first. */
  origins: z.array(countSchema),
  lastReadAt: timeSchema.nullable(),
  /** Why a part of it can't be read now. */
  error: z.string().nullable(),
  /** What a look at a few records told; null where its name did. */
  evidence: z
    .object({ dialect: z.string(), sampled: z.number().int(), carrying: z.number().int(), certain: z.boolean(), headers: z.array(z.object({ name: z.string(), records: z.number().int() })), origins: z.array(countSchema) })
    .nullable(),
  foundAt: timeSchema.nullable(),
  decidedBy: z.string().nullable(),
  decidedAt: timeSchema.nullable(),
});
export type DeadLetterTopicWire = z.output<typeof deadLetterTopicSchema>;
export const deadLetterTopicListSchema = listSchema(deadLetterTopicSchema);

/** Every dead-letter and retry topic that is read, with the topics it belongs to, and those that were found by their headers; proposals first. */
export async function listDeadLetterTopics(store: Store, query: { cluster?: string | undefined }): Promise<Page<DeadLetterTopicWire>> {
  const cluster = query.cluster ?? null;
  const [topics, discoveries, origins] = await Promise.all([readTopics(store, cluster, ['dead-letter', 'retry']), readDiscoveries(store, cluster), readOriginsOfTopics(store, cluster)]);
  const found = new Map(discoveries.map((one) => [`${one.cluster}\0${one.topic}`, one]));
  const originsOf = (id: string, evidence: { topic: string; records: number }[]) => origins.get(id) ?? evidence;
  const read = topics.map((topic): DeadLetterTopicWire => {
    const id = `${topic.cluster}\0${topic.name}`;
    const discovery = found.get(id);
    found.delete(id);
    return {
      cluster: topic.cluster,
      topic: topic.name,
      role: topic.role,
      state: 'read',
      source: topic.roleSource === 'headers' || topic.roleSource === 'configuration' ? topic.roleSource : 'pattern',
      partitions: topic.partitions,
      origins: originsOf(id, discovery?.evidence?.origins ?? []),
      lastReadAt: topic.lastReadAt?.toISOString() ?? null,
      error: topic.error,
      evidence: discovery?.evidence ?? null,
      foundAt: discovery?.foundAt?.toISOString() ?? null,
      decidedBy: discovery?.decidedBy ?? null,
      decidedAt: discovery?.decidedAt?.toISOString() ?? null,
    };
  });
  const others = [...found.values()].map((one): DeadLetterTopicWire => ({
    cluster: one.cluster,
    topic: one.topic,
    role: one.role,
    // Taken in a moment ago: the collector has not seen it yet.
    state: one.state === 'taken' ? 'read' : one.state,
    source: 'headers',
    partitions: null,
    origins: one.evidence?.origins ?? [],
    lastReadAt: null,
    error: null,
    evidence: one.evidence,
    foundAt: one.foundAt?.toISOString() ?? null,
    decidedBy: one.decidedBy,
    decidedAt: one.decidedAt?.toISOString() ?? null,
  }));
  const rank = { proposed: 0, read: 1, ignored: 2 };
  const items = [...others, ...read].toSorted((a, b) => rank[a.state] - rank[b.state] || a.cluster.localeCompare(b.cluster) || a.topic.localeCompare(b.topic));
  return { items, nextCursor: null, total: items.length };
}

/** Names of topics that were found and that nobody has decided on. */
export async function listProposedTopics(store: Store, cluster?: string): Promise<string[]> {
  return (await readDiscoveries(store, cluster ?? null)).filter((one) => one.state === 'proposed').map((one) => one.topic);
}
