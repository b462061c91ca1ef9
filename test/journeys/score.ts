import type { Hop, JourneyGraph } from '#lib/model/journey.ts';
import type { ExpectedEvent } from './corpus.ts';

export interface Score {
  expected: number;
  found: number;
  foreign: number;
  double: number;
  missing: string[];
}

interface Named {
  kind: string;
  service: string;
  topic: string;
  at: string;
}

function wantedOf(event: ExpectedEvent): Map<string, Named> {
  const all = [
    ...event.published.map((hop) => ({ kind: 'send', ...hop })),
    ...event.consumed.map((hop) => ({ kind: 'process', ...hop })),
    ...event.failedAttempts.map((hop) => ({ kind: 'process', ...hop })),
    ...(event.deadLetter === null ? [] : [{ kind: 'dead-letter', ...event.deadLetter }]),
  ];
  return new Map(all.map(({ kind, service, at }) => [`${kind} ${service} ${at}`, { kind, service, at, topic: at.slice(0, at.lastIndexOf(':')) }]));
}

function nameOf(hop: Hop): string {
  return `${hop.kind} ${hop.service} ${hop.topic}:${hop.partition}@${hop.offset}`;
}

/**
 * Compares the journeys found with what happened. An event's journey is the one with its correlation id, or the one that
 * holds its first publication. `found`: of the expected hops; `foreign`: hops in it that are another event's; `double`: a
 * hop twice. A hop whose offset no span conveys is named by kind, service and topic.
 */
export function score(graphs: readonly JourneyGraph[], events: readonly ExpectedEvent[]): Score {
  const result: Score = { expected: 0, found: 0, foreign: 0, double: 0, missing: [] };
  for (const event of events) {
    const wanted = wantedOf(event);
    result.expected += wanted.size;
    const first = [...wanted.keys()][0]!;
    const graph = graphs.find((each) => each.key === event.correlationId) ?? graphs.find((each) => each.hops.some((hop) => nameOf(hop) === first));
    const seen = new Set<string>();
    const rest: Hop[] = [];
    for (const hop of graph?.hops ?? []) {
      // Of a record that is known from its headers, nobody says who published it.
      const name = hop.knownBy === 'record-headers' ? ([...wanted].find(([, want]) => want.kind === hop.kind && want.at === `${hop.topic}:${hop.partition}@${hop.offset}`)?.[0] ?? nameOf(hop)) : nameOf(hop);
      if (hop.offset === null) rest.push(hop);
      else if (!wanted.has(name)) result.foreign++;
      else if (seen.has(name)) result.double++;
      else seen.add(name);
    }
    for (const hop of rest) {
      const alike = [...wanted].filter(([, want]) => want.kind === hop.kind && want.service === hop.service && want.topic === hop.topic);
      const open = alike.find(([name]) => !seen.has(name));
      if (open !== undefined) seen.add(open[0]);
      else if (alike.length > 0) result.double++;
      else result.foreign++;
    }
    result.found += seen.size;
    for (const name of wanted.keys()) if (!seen.has(name)) result.missing.push(name);
  }
  return result;
}
