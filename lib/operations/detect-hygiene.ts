import { detectDuplicates } from '#lib/hygiene/detect-duplicates.ts';
import { detectFatEvents } from '#lib/hygiene/detect-fat-events.ts';
import { detectOutOfOrder } from '#lib/hygiene/detect-out-of-order.ts';
import { detectSchemaDrift } from '#lib/hygiene/detect-schema-drift.ts';
import { detectUncorrelated } from '#lib/hygiene/detect-lost-correlation.ts';
import { detectUnversioned } from '#lib/hygiene/detect-unversioned.ts';
import { settleFindings } from '#lib/hygiene/settle-findings.ts';
import type { Detected, Look } from '#lib/model/hygiene.ts';
import { lockFindings, resolveFindings, writeFindings, writeLooks } from '#lib/store/hygiene/findings.ts';
import { readFingerprints, readSampledTopics, readShapes, readUnreadable } from '#lib/store/hygiene/read-fingerprints.ts';
import type { Store } from '#lib/store/store.ts';
import { lookAtConsumers } from './look-at-consumers.ts';
import { lookAtTopics } from './look-at-topics.ts';

export interface DetectInput {
  store: Store;
  clusterId: number;
  /** Why no records are sampled; null where they are. */
  notSampled: string | null;
  now: Date;
  signal: AbortSignal;
}

export interface DetectFigures {
  found: number;
  opened: number;
  resolved: number;
}

/** Evidence older than this is not told as present. */
export const WINDOW_MS = 900_000;
/** A form is learned over longer: a topic may be written seldom. */
const SHAPE_WINDOW_MS = 3_600_000;
const MOST_FINGERPRINTS = 5_000;

/** Lets every detector look at what is stored of a cluster, and settles what they found with what was found before. */
export async function detectHygiene(input: DetectInput): Promise<DetectFigures> {
  const { store, clusterId, now } = input;
  const looks = joinLooks([...(await lookAtRecords(input)), ...(await lookAtConsumers(input, WINDOW_MS)), ...(await lookAtTopics(input))]);
  const found = looks.flatMap((look) => look.findings);
  // What a detector could not know does not resolve what it found before.
  const blind = new Set(looks.filter((look) => look.unknown !== null && look.partly !== true).map((look) => look.kind));
  const unreadable = await readUnreadable(store, clusterId);
  const couldLook: Parameters<typeof settleFindings>[2] = ({ kind, subject }) => !blind.has(kind) && (subject.topic === null || !unreadable.has(subject.topic));
  return store.transaction(async (tx) => {
    const kept = await lockFindings(tx, clusterId);
    const settled = settleFindings(kept, found, couldLook, now);
    await writeFindings(tx, clusterId, [...settled.opened.map((one) => ({ found: one.found, openedAt: one.found.since })), ...settled.seenAgain.map((one) => ({ found: one.found, openedAt: null }))], now);
    await resolveFindings(tx, settled.resolved.map((one) => one.id), now);
    await writeLooks(tx, clusterId, looks, now);
    if (settled.opened.length + settled.resolved.length > 0) await store.notify('hygiene', { opened: settled.opened.length, resolved: settled.resolved.length }, tx);
    return { found: found.length, opened: settled.opened.length, resolved: settled.resolved.length };
  });
}

/** One look for each kind: of those that two ways of looking share, what both found. */
function joinLooks(looks: readonly Look[]): Look[] {
  return [...Map.groupBy(looks, (look) => look.kind).values()].flatMap((same) => {
    const [first] = same;
    return first === undefined ? [] : [{ kind: first.kind, subjects: Math.max(...same.map((look) => look.subjects)), unknown: same.find((look) => look.unknown !== null)?.unknown ?? null, partly: same.every((look) => look.unknown === null || look.partly === true), findings: same.flatMap((look) => look.findings) }];
  });
}

/** The detectors that judge what is kept of sampled records, a topic at a time. */
async function lookAtRecords({ store, clusterId, notSampled, now, signal }: DetectInput): Promise<Look[]> {
  const from = now.getTime() - WINDOW_MS;
  const found: Record<'duplicates' | 'out-of-order' | 'fat-events' | 'unversioned', Detected[]> = { duplicates: [], 'out-of-order': [], 'fat-events': [], unversioned: [] };
  const uncorrelated: Detected[] = [];
  const topics = await readSampledTopics(store, clusterId, new Date(from));
  let anyCorrelated = false;
  for (const topic of topics) {
    if (signal.aborted) break;
    const records = await readFingerprints(store, topic.id, MOST_FINGERPRINTS);
    const lately = records.filter((record) => record.atMs >= from);
    anyCorrelated ||= lately.some((record) => record.correlated || record.traced);
    const push = (list: Detected[], one: Detected | null) => one !== null && list.push(one);
    push(found.duplicates, detectDuplicates(topic.name, records, from));
    push(found['out-of-order'], detectOutOfOrder(topic.name, records, from));
    push(found['fat-events'], detectFatEvents(topic.name, lately, topic.maxMessageBytes));
    push(found.unversioned, detectUnversioned(topic.name, lately));
    push(uncorrelated, detectUncorrelated(topic.name, lately));
  }
  const shapes = await readShapes(store, clusterId, new Date(now.getTime() - SHAPE_WINDOW_MS));
  const drifted = [...shapes].flatMap(([topic, states]) => detectSchemaDrift(topic, states, now.getTime() - SHAPE_WINDOW_MS) ?? []);
  const unreadable = [...(await readUnreadable(store, clusterId))];
  const partly = notSampled === null && unreadable.length > 0;
  const unknown = partly ? `${unreadable.length} ${unreadable.length === 1 ? 'topic' : 'topics'} could not be read, ${unreadable[0]![0]} for one: ${unreadable[0]![1].slice(0, 200)}` : notSampled;
  const look = (kind: Look['kind'], findings: Detected[], subjects = topics.length): Look => ({ kind, subjects, unknown, partly, findings });
  return [
    ...(['duplicates', 'out-of-order', 'fat-events', 'unversioned'] as const).map((kind) => look(kind, found[kind])),
    look('schema-drift', drifted, shapes.size),
    // Where nobody uses correlation ids or traces, each topic without them is no finding of its own.
    look('lost-correlation', anyCorrelated ? uncorrelated : []),
  ];
}
