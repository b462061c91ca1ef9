import { z } from 'zod';
import { WaybillError } from '#lib/errors.ts';
import { type ComparedHop, compareWithJourney, compareWithUsual, nameDifferences } from '#lib/journey/compare-journeys.ts';
import { ENOUGH_JOURNEYS } from '#lib/journey/derive-path.ts';
import { judgeJourney } from '#lib/journey/judge-journey.ts';
import type { Store } from '#lib/store/store.ts';
import { timeSchema } from '#lib/wire.ts';
import { findJourneys } from './find-journeys.ts';
import { entryTypeOf, loadPathJudge } from './judge-paths.ts';
import { journeyStates, toMs, toTime } from './journey-wire.ts';
import { type LoadedJourney, loadJourney } from './load-journey.ts';

export const compareQuerySchema = z.object({
  /** "usual", or whatever finds another journey: its id, correlation id, a trace id or topic:partition@offset. */
  with: z.string().trim().min(1).max(300).default('usual'),
});

const sideSchema = z.object({
  hopId: z.string().nullable(),
  atMs: z.number().nullable(),
  tookMs: z.number().nullable(),
  p95Ms: z.number().nullable(),
  share: z.number().nullable(),
  required: z.boolean(),
  failed: z.boolean(),
});

const journeySideSchema = z.object({ kind: z.literal('journey'), id: z.uuid(), key: z.string().nullable(), state: z.enum(journeyStates), verdict: z.string(), startedAt: timeSchema, durationMs: z.number(), hops: z.number().int() });

export const comparisonSchema = z.object({
  left: journeySideSchema,
  right: z.discriminatedUnion('kind', [
    journeySideSchema,
    z.object({ kind: z.literal('usual'), entryType: z.string(), version: z.number().int(), journeys: z.number().int(), durationP50Ms: z.number(), durationP95Ms: z.number(), hops: z.number().int() }),
  ]),
  /** The differences in words, the weightiest first. */
  differences: z.array(z.string()),
  rows: z.array(
    z.object({
      key: z.string(), kind: z.enum(['send', 'process', 'dead-letter', 'replay']), who: z.string(), topic: z.string().nullable(), times: z.number().int(), left: sideSchema.nullable(), right: sideSchema.nullable(),
      difference: z.enum(['same', 'only-left', 'only-right', 'slower', 'faster', 'outcome', 'unknown']), byMs: z.number().nullable(), words: z.string(),
    }),
  ),
  /** Rows beyond the bound. */
  leftOut: z.number().int(),
  /** One of the journeys is larger than what is read at once. */
  partial: z.boolean(),
});
export type ComparisonWire = z.infer<typeof comparisonSchema>;

const MOST_ROWS = 1_000;

/**
 * A journey beside the usual path of its type, or beside another journey: aligned hop by hop, with the differences in words.
 * @throws WaybillError `journey-not-found`, `expected-path-not-found` 404, `journey-ambiguous` 409 where the text finds several, `journey-gone` 409 where its spans are gone
 */
export async function compareJourney(store: Store, input: { id: string; with: string; now: Date }): Promise<ComparisonWire> {
  const left = whole(await loadJourney(store, input.id));
  if (input.with === 'usual') {
    const path = (await loadPathJudge(store, [left.graph], left.progress.records, input.now)).pathOf(left.graph);
    if (path === null || path.journeys < ENOUGH_JOURNEYS) {
      throw new WaybillError('expected-path-not-found', `The usual path of journeys that begin on "${entryTypeOf(left.graph) ?? 'an unknown topic'}" is not learned yet: ${path?.journeys ?? 0} of ${ENOUGH_JOURNEYS} journeys that ended well were seen. Compare with another journey instead.`, { status: 404 });
    }
    const rows = compareWithUsual(left.graph, path);
    const hops = path.steps.reduce((sum, step) => sum + step.required, 0);
    return toWire(left, { kind: 'usual', entryType: path.entryType, version: path.version, journeys: path.journeys, durationP50Ms: path.durationP50Ms, durationP95Ms: path.durationP95Ms, hops }, rows, left.partial, input.now);
  }
  const right = whole(await loadJourney(store, await findOther(store, input.with, left.id)));
  return toWire(left, toSide(right, input.now), compareWithJourney(left.graph, right.graph), left.partial || right.partial, input.now);
}

type WholeJourney = LoadedJourney & { graph: NonNullable<LoadedJourney['graph']> };

function whole(journey: LoadedJourney): WholeJourney {
  if (journey.graph === null) throw new WaybillError('journey-gone', `The spans of journey ${journey.row.key ?? journey.id} are gone: there is nothing to compare.`, { status: 409 });
  return { ...journey, graph: journey.graph };
}

async function findOther(store: Store, text: string, own: string): Promise<string> {
  const found = (await findJourneys(store, { text })).items;
  const others = found.filter((row) => row.id !== own);
  if (found.length > 0 && others.length === 0) throw new WaybillError('invalid-request', `"${text}" is this journey itself. Name another one.`, { status: 400 });
  if (others.length === 0) throw new WaybillError('journey-not-found', `No journey has "${text}" as its id, correlation id, trace id or coordinate.`, { status: 404 });
  if (others.length > 1) throw new WaybillError('journey-ambiguous', `"${text}" finds ${others.length} journeys. Name one by its correlation id or its own id, for example ${others[0]!.key ?? others[0]!.id}.`, { status: 409 });
  return others[0]!.id;
}

function toSide({ id, graph, progress }: WholeJourney, now: Date): Extract<ComparisonWire['right'], { kind: 'journey' }> {
  const { state, verdict } = judgeJourney(graph, progress.records, now.getTime(), progress.options);
  return { kind: 'journey', id, key: graph.key, state, verdict, startedAt: toTime(graph.startNs), durationMs: toMs(graph.lastNs - graph.startNs), hops: graph.hops.length };
}

function toWire(left: WholeJourney, right: ComparisonWire['right'], rows: readonly ComparedHop[], partial: boolean, now: Date): ComparisonWire {
  return { left: toSide(left, now), right, differences: nameDifferences(rows), rows: rows.slice(0, MOST_ROWS), leftOut: Math.max(0, rows.length - MOST_ROWS), partial };
}
