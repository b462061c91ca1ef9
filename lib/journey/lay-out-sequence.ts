/** A hop, as far as its place in a sequence is concerned. */
export interface SequenceHop {
  id: string;
  kind: 'send' | 'process' | 'dead-letter' | 'replay';
  /** Who did it; null = unknown. */
  who: string | null;
  topic: string | null;
}

export interface Lane {
  kind: 'participant' | 'topic' | 'unknown';
  name: string;
}

export interface SequenceStep {
  hop: string;
  /** Indexes of lanes; the same: something that happened in one place. */
  from: number;
  to: number;
}

/**
 * Lifelines for whoever took part and for each topic, in the order in which they appear, and one step a hop: a publication goes from its service to
 * the topic, a handling from the topic to its consumer. A participant and a topic of one name are two lanes.
 */
export function layOutSequence(hops: readonly SequenceHop[]): { lanes: Lane[]; steps: SequenceStep[] } {
  const lanes: Lane[] = [];
  const places = new Map<string, number>();
  const lane = (kind: Lane['kind'], name: string): number => {
    const key = `${kind}:${name}`;
    let at = places.get(key);
    if (at === undefined) {
      at = lanes.push({ kind, name }) - 1;
      places.set(key, at);
    }
    return at;
  };
  const steps = hops.map((hop): SequenceStep => {
    // In the order of the arrow, so that lanes stand in the order of the story.
    const who = () => (hop.who === null ? (hop.kind === 'dead-letter' ? null : lane('unknown', 'unknown')) : lane('participant', hop.who));
    const topic = () => (hop.topic === null ? null : lane('topic', hop.topic));
    const [first, second] = hop.kind === 'process' ? [topic(), who()] : [who(), topic()];
    const from = first ?? second ?? lane('unknown', 'unknown');
    return { hop: hop.id, from, to: second ?? from };
  });
  return { lanes, steps };
}
