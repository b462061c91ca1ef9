import { z } from 'zod';
import { type ThroughputStep, throughputStepMs, throughputSteps } from '#lib/lag/throughput-steps.ts';
import type { Store } from '#lib/store/store.ts';
import { timeSchema } from '#lib/wire.ts';
import { readBusiestTopics, readThroughput } from '#lib/store/topics/read-throughput.ts';
import { requireCluster } from './list-groups.ts';

/** So many lines of their own; with the rest they are six, as many as a chart can tell apart. */
const TOPICS = 5;

export const throughputQuerySchema = z.object({ minutes: z.coerce.number().int().min(15).max(43_200).default(60).describe('how far back, up to now') });

export const throughputSchema = z.object({
  from: timeSchema,
  to: timeSchema,
  stepSeconds: z.number(),
  topics: z.array(z.object({ cluster: z.string(), topic: z.string() })).describe('those with most records in the range, most first'),
  items: z
    .array(z.object({ at: timeSchema, topics: z.array(z.number().nullable()), rest: z.number().nullable() }))
    .describe('steps from the first to the last that was read, records per second; null where nobody read, or where one topic is not known'),
  unknownTopics: z.number().int().describe('topics whose end offsets were not known in the last reading: their records are in no figure'),
});
export type TopicThroughput = z.output<typeof throughputSchema>;

/** Records written per second by topic over a range up to now: the busiest topics and all others together, of one cluster or of all. */
export async function readTopicThroughput(store: Store, input: { cluster: string | null; rangeMs: number; now: Date }): Promise<TopicThroughput> {
  const { cluster, rangeMs, now } = input;
  const from = new Date(now.getTime() - rangeMs);
  const stepMs = throughputStepMs(rangeMs);
  const busiest = await readBusiestTopics(store, { cluster, from, limit: TOPICS });
  const rows = await readThroughput(store, { cluster, from, topicIds: busiest.flatMap((topic) => topic.ids) });
  const readings = rows.map((row) => {
    let next = 0;
    const topics = busiest.map((topic) => {
      const known = topic.ids.map(() => row.asked[next++]).filter((records) => records !== null && records !== undefined);
      return topic.cluster_id !== row.cluster_id || known.length === 0 ? null : known.reduce((sum, records) => sum + Number(records), 0);
    });
    return { clusterId: row.cluster_id, sinceMs: row.since.getTime(), untilMs: row.until.getTime(), seconds: row.seconds, records: Number(row.records), topics };
  });
  const range = { fromMs: from.getTime(), toMs: now.getTime(), stepMs };
  const clusters = [...Map.groupBy(readings, (reading) => reading.clusterId)].map(([id, own]) => ({ id, steps: throughputSteps(own, range, busiest.length) }));
  const latest = new Map(rows.map((row) => [row.cluster_id, row.unknown_topics]));
  const count = clusters[0]?.steps.length ?? 0;
  const items = Array.from({ length: count }, (_, step) => {
    const atMs = clusters[0]?.steps[step]?.atMs ?? 0;
    const topics = busiest.map((topic, index) => clusters.find((one) => one.id === topic.cluster_id)?.steps[step]?.topics[index] ?? null);
    return { at: new Date(Math.max(atMs, range.fromMs)).toISOString(), topics, rest: restOf(clusters.map((one) => one.steps[step]), topics) };
  });
  const first = items.findIndex((item) => item.rest !== null || item.topics.some((rate) => rate !== null));
  const last = items.findLastIndex((item) => item.rest !== null || item.topics.some((rate) => rate !== null));
  return {
    from: from.toISOString(),
    to: now.toISOString(),
    stepSeconds: stepMs / 1_000,
    topics: busiest.map(({ cluster: name, topic }) => ({ cluster: name, topic })),
    items: first === -1 ? [] : items.slice(first, last + 1),
    unknownTopics: [...latest.values()].reduce((sum, unknown) => sum + unknown, 0),
  };
}

/**
 * The throughput of one cluster over the last minutes.
 * @throws WaybillError `cluster-not-found` 404
 */
export async function getClusterThroughput(store: Store, input: { cluster: string; minutes: number; now: Date }): Promise<TopicThroughput> {
  await requireCluster(store, input.cluster);
  return readTopicThroughput(store, { cluster: input.cluster, rangeMs: input.minutes * 60_000, now: input.now });
}

/** Of clusters together the rest is known where each of them was read: a sum without one would look like a fall. */
function restOf(steps: readonly (ThroughputStep | undefined)[], topics: readonly (number | null)[]): number | null {
  let rest = 0;
  for (const step of steps) {
    if (!step || step.all === null) return null;
    rest += step.all;
  }
  // A topic that is not known by itself is counted with the rest, where it is counted at all. Rounding must not make a negative rate.
  return Math.max(0, rest - topics.reduce<number>((sum, rate) => sum + (rate ?? 0), 0));
}
