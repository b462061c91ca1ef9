import type { Kafka, KafkaMetadata, KafkaTopic } from './connect.ts';
import type { OffsetsQuestion } from './list-offsets.ts';
import { createPace, type Pace } from './pace.ts';

/** Which topics, partitions, leaders and brokers there are. Older than this it is read again, besides the cycle. */
const MAX_AGE_MS = 10_000;

/** Partitions of one leader, in the form that ListOffsets asks. */
export interface LeaderQuestions {
  leader: number;
  topics: readonly OffsetsQuestion[];
}

/** What one reading of offsets knows from the readings before it. */
export interface TopicLayout {
  /** The layout as last read; reads it where there is none or where it was found wrong. */
  current(tally: { requests: number }): Promise<KafkaMetadata>;
  /** Reads it now, because something in this cycle does not fit it. */
  refresh(tally: { requests: number }): Promise<KafkaMetadata>;
  /** It was found wrong: the next reading begins with a new one. */
  expire(): void;
  /** Reads it again while nobody waits for it, where it is old: a new topic that no group reads is noticed by nothing else. */
  refreshBesides(): void;
  /** What every leader has to be asked: all topics, of Kafka's own only those named. The same objects as long as nothing changed. */
  questions(internal: ReadonlySet<string>): { topics: readonly KafkaTopic[]; byLeader: readonly LeaderQuestions[] };
  /** Topics that commits name and the cluster does not: asked for once, not every cycle. */
  readonly missing: Set<string>;
  /** End offsets of the reading before, by topic: an end that went back is a new log. */
  ends: ReadonlyMap<string, readonly (bigint | null)[]>;
  readonly pace: Pace;
  /** Requests for the layout that no reading waited for. */
  besides: number;
}

export function createTopicLayout(kafka: Kafka): TopicLayout {
  let metadata: KafkaMetadata | null = null;
  let readAt = 0;
  let running: Promise<unknown> | null = null;
  let asked: { key: string; of: KafkaMetadata; result: ReturnType<TopicLayout['questions']> } | null = null;

  async function read(): Promise<KafkaMetadata> {
    const found = await kafka.connections.metadata();
    metadata = found;
    readAt = performance.now();
    layout.missing.clear();
    return found;
  }

  const layout: TopicLayout = {
    missing: new Set(),
    ends: new Map(),
    pace: createPace(),
    besides: 0,
    async current(tally) {
      await running;
      if (metadata !== null) return metadata;
      tally.requests += 1;
      return read();
    },
    async refresh(tally) {
      tally.requests += 1;
      return read();
    },
    expire() {
      metadata = null;
    },
    refreshBesides() {
      if (running !== null || metadata === null || performance.now() - readAt < MAX_AGE_MS) return;
      layout.besides += 1;
      // What fails here is asked again, and told, at the beginning of the next reading.
      running = read()
        .catch(() => (metadata = null))
        .finally(() => (running = null));
    },
    questions(internal) {
      if (metadata === null) return { topics: [], byLeader: [] };
      const topics = [...metadata.topics.values()].filter((topic) => !topic.internal || internal.has(topic.name));
      const key = topics.flatMap((topic) => (topic.internal ? [topic.name] : [])).join(' ');
      if (asked?.of === metadata && asked.key === key) return asked.result;
      asked = { key, of: metadata, result: { topics, byLeader: questionsOf(topics) } };
      return asked.result;
    },
  };
  return layout;
}

/** What to ask whom about these topics, or only about `partitions` of them. Partitions without a leader can't be asked. */
export function questionsOf(topics: readonly KafkaTopic[], partitions?: ReadonlyMap<string, ReadonlySet<number>>): LeaderQuestions[] {
  const byLeader = new Map<number, { topic: string; partitions: number[] }[]>();
  for (const topic of topics) {
    const only = partitions?.get(topic.name);
    if (partitions && !only) continue;
    for (const { partition, leader } of topic.partitions) {
      if (leader === null || (only && !only.has(partition))) continue;
      let questions = byLeader.get(leader);
      if (!questions) byLeader.set(leader, (questions = []));
      const last = questions.at(-1);
      if (last?.topic === topic.name) last.partitions.push(partition);
      else questions.push({ topic: topic.name, partitions: [partition] });
    }
  }
  return [...byLeader].map(([leader, asked]) => ({ leader, topics: asked }));
}
