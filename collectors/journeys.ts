import { keyReference, coordinateReference } from '#lib/journey/references.ts';
import { formatDeadLetterId } from '#lib/model/replay.ts';
import { type Resolved, resolveJourneys } from '#lib/operations/resolve-journeys.ts';
import { holdLease, releaseLease } from '#lib/store/leases/hold-lease.ts';
import { countPending, type Pending, readDue, readPending, toSeeds } from '#lib/store/journeys/pending.ts';
import { readReferences } from '#lib/store/journeys/members.ts';
import { readNewLetters, readNewReplays } from '#lib/store/journeys/read-letters.ts';
import type { CollectorContext } from './context.ts';
import { runEvery } from './loop.ts';

const everyMs = 1_000;
const leaseMs = 15_000;
/** Rows of one transaction: small enough that a slow one is soon over, and that who sends spans meanwhile does not wait for it. */
const rowsPerStep = 400;
const fewTraces = 20;
const stepsPerRun = 40;
const duePerRun = 200;
const newsPerRun = 500;
/** What is looked at again, because a transaction that began earlier may commit later. */
const overlapMs = 30_000;
const firstLookBackMs = 24 * 3_600_000;

/**
 * Keeps the stored journeys up to date: traces with new spans, new dead letters, replays that moved on, and journeys whose
 * state the clock may have changed. One process at a time does it, by lease; reading a journey never waits for it.
 */
export async function runJourneysCollector(context: CollectorContext): Promise<void> {
  const { store, clock, holder } = context;
  const news = newsReader(context);
  await runEvery({ name: 'journeys', everyMs, context }, async (signal) => {
    if (!(await holdLease(store, 'journeys', holder, leaseMs))) return { held: 'elsewhere' };
    const total: Resolved = { journeys: 0, merged: 0, partial: false };
    const add = (resolved: Resolved) => {
      total.journeys += resolved.journeys;
      total.merged += resolved.merged;
      total.partial ||= resolved.partial;
    };
    // Traces that drag in more than one transaction should hold are taken in smaller parts.
    const settle = async (pending: Pending[]): Promise<void> => {
      const few = pending.length <= fewTraces;
      const resolved = await resolveJourneys(store, { ...toSeeds(pending), orNothing: !few }, clock.now());
      if (few || !resolved.partial) return add(resolved);
      const half = Math.ceil(pending.length / 2);
      await settle(pending.slice(0, half));
      await settle(pending.slice(half));
    };
    for (let step = 0; step < stepsPerRun && !signal.aborted; step++) {
      const pending = await readPending(store, rowsPerStep);
      if (pending.length === 0) break;
      await settle(pending);
      await holdLease(store, 'journeys', holder, leaseMs);
    }
    const references = await news(signal);
    const due = await readDue(store, clock.now(), duePerRun);
    for (const { ref } of await readReferences(store, due, 20_000)) references.add(ref);
    if ((references.size > 0 || due.length > 0) && !signal.aborted) add(await resolveJourneys(store, { references: [...references], dueIds: due }, clock.now()));
    if (total.journeys > 0) await store.notify('journeys', { changed: total.journeys });
    return { ...total, due: due.length, pending: await countPending(store) };
  });
  await releaseLease(store, 'journeys', holder).catch(() => undefined);
}

/** References of dead letters and replays that are new since the last call. */
function newsReader({ store, clock }: CollectorContext): (signal: AbortSignal) => Promise<Set<string>> {
  let sinceMs = clock.now().getTime() - firstLookBackMs;
  let seen = new Set<string>();
  return async () => {
    const now = clock.now().getTime();
    const since = new Date(sinceMs - overlapMs);
    const letters = await readNewLetters(store, since, newsPerRun);
    const replays = await readNewReplays(store, since, newsPerRun);
    const references = new Set<string>();
    const current = new Set<string>();
    for (const letter of letters) {
      const name = formatDeadLetterId(letter);
      current.add(name);
      if (seen.has(name)) continue;
      if (letter.correlationId !== null) references.add(keyReference(letter.correlationId));
      references.add(coordinateReference({ cluster: letter.clusterId, incarnation: 0, topic: letter.topic, partition: letter.partition, offset: letter.offset }));
    }
    for (const replay of replays) {
      const name = `${replay.replayId}:${formatDeadLetterId(replay)}:${replay.state}:${replay.sentAt?.getTime() ?? 0}`;
      current.add(name);
      if (seen.has(name)) continue;
      if (replay.targetTopic !== null && replay.sentPartition !== null && replay.sentOffset !== null) {
        references.add(coordinateReference({ cluster: replay.clusterId, incarnation: 0, topic: replay.targetTopic, partition: replay.sentPartition, offset: replay.sentOffset }));
      }
    }
    sinceMs = now;
    seen = current;
    return references;
  };
}
