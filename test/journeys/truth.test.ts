import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildGraphs } from '#lib/journey/build-graphs.ts';
import type { JourneyGraph } from '#lib/model/journey.ts';
import { corpusRuns, type ExpectedEvent, expectedOf, spansOf } from './corpus.ts';
import { notConveyed } from './not-conveyed.ts';
import { score } from './score.ts';
import { recordsOf } from './tapped.ts';

const options = { isDeadLetterTopic: (topic: string) => topic.endsWith('.DLT') };

/** Attempts at records whose handling failed for good: how many there were, and how many spans tell of. */
function attemptsOf(graphs: readonly JourneyGraph[], events: readonly ExpectedEvent[]): { expected: number; seen: number } {
  let [expected, seen] = [0, 0];
  for (const { failedAttempts, correlationId } of events) {
    const [first] = failedAttempts;
    if (first === undefined) continue;
    expected += failedAttempts.length;
    const handles = (graph: JourneyGraph) => graph.hops.filter((hop) => hop.kind === 'process' && hop.service === first.service && `${hop.topic}:${hop.partition}@${hop.offset}` === first.at);
    const graph = graphs.find((each) => each.key === correlationId) ?? graphs.find((each) => handles(each).length > 0);
    // A batch of confluent-kafka gives neither partition nor offset: the service's only handling in the journey.
    const hop = graph && (handles(graph)[0] ?? graph.hops.find((each) => each.kind === 'process' && each.service === first.service));
    seen += hop?.attempts.length ?? 0;
  }
  return { expected, seen };
}

test('what was found of each run is what its bodies convey; the rest is listed with the reason and found again in the headers of the records', (t) => {
  let [found, expected, tappedFound] = [0, 0, 0];
  for (const run of corpusRuns()) {
    const events = expectedOf(run);
    const limits = notConveyed[run];
    assert.ok(limits, `${run} is not in not-conveyed.ts`);
    const spans = spansOf(run);
    const graphs = buildGraphs({ spans, deadLetters: [], replays: [] }, options);
    const byBodies = score(graphs, events);
    const tapped = score(buildGraphs({ spans, deadLetters: [], replays: [], records: recordsOf(run) }, options), events);
    const attempts = attemptsOf(graphs, events);
    found += byBodies.found;
    expected += byBodies.expected;
    tappedFound += tapped.found;

    t.diagnostic(`${run}: ${byBodies.found} of ${byBodies.expected} hops, foreign ${byBodies.foreign}, double ${byBodies.double}; with record headers ${tapped.found} of ${tapped.expected}, foreign ${tapped.foreign}, double ${tapped.double}`);
    if (limits.why !== null) t.diagnostic(`  ${limits.hops} hops can't be known from the bodies: ${limits.why}`);
    if (limits.whyAttempts !== null) t.diagnostic(`  ${limits.attempts} of ${attempts.expected} failed attempts can't be known from the bodies: ${limits.whyAttempts}`);

    assert.deepEqual([byBodies.foreign, byBodies.double], [0, 0], run);
    assert.equal(byBodies.expected - byBodies.found, limits.hops, `${run}: ${byBodies.missing.join('\n')}`);
    assert.equal(attempts.expected - attempts.seen, limits.attempts, run);
    assert.deepEqual([tapped.foreign, tapped.double, tapped.missing], [0, 0, []], `${run} with record headers`);
  }
  t.diagnostic(`in all: ${found} of ${expected} hops from the bodies, ${tappedFound} with record headers`);
});

test('a publication that only topic, key and time connect with its record says so', () => {
  const graphs = buildGraphs({ spans: spansOf('python-aiokafka'), deadLetters: [], replays: [], records: recordsOf('python-aiokafka') }, options);
  const letter = graphs.flatMap((graph) => graph.hops.map((hop) => ({ graph, hop }))).find(({ hop }) => hop.kind === 'dead-letter')!;
  assert.deepEqual([letter.hop.service, letter.hop.partition, letter.hop.offset, letter.hop.ghost], ['payment', 0, 0n, false]);
  const why = letter.graph.edges.filter((edge) => edge.to === letter.hop.id).flatMap((edge) => edge.evidence);
  assert.ok(why.some((each) => each.kind === 'inferred' && each.detail.includes('the same topic, key and time')), JSON.stringify(why));
});
