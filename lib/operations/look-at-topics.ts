import { detectUnconsumedTopics } from '#lib/hygiene/detect-unconsumed-topics.ts';
import { detectUnreadDeadLetters } from '#lib/hygiene/detect-unread-dead-letters.ts';
import type { Look } from '#lib/model/hygiene.ts';
import { readDeadLetterUse, readTopicUse } from '#lib/store/hygiene/read-topic-use.ts';
import { readCompleteClusters } from '#lib/store/topics/read-topics.ts';
import type { Statements } from '#lib/store/store.ts';

const PRODUCERS_MS = 86_400_000;
const MOST_DEAD_LETTER_TOPICS = 500;

/** The detectors that judge topics by who reads them. They need nothing but what is collected anyway. */
export async function lookAtTopics({ store, clusterId, now }: { store: Statements; clusterId: number; now: Date }): Promise<Look[]> {
  const [topics, complete] = await Promise.all([readTopicUse(store, clusterId, new Date(now.getTime() - PRODUCERS_MS)), readCompleteClusters(store, now)]);
  const readersKnown = complete.has(clusterId);
  const letters = topics.filter((topic) => topic.role === 'dead-letter').slice(0, MOST_DEAD_LETTER_TOPICS);
  const uses = new Map((await readDeadLetterUse(store, letters.filter((topic) => !topic.read).map((topic) => topic.id))).map((use) => [use.topicId, use]));
  const unread = detectUnreadDeadLetters(letters.map((topic) => {
    const use = uses.get(topic.id);
    return {
      topic: topic.name, readers: topic.read ? 1 : 0, readersKnown, waiting: use?.waiting ?? 0, oldestMs: use?.oldestAt?.getTime() ?? null, newestMs: use?.newestAt?.getTime() ?? null, handledAtMs: use?.handledAt?.getTime() ?? null,
      latest: (use?.latest ?? []).map((record) => ({ ...record, offset: BigInt(record.offset) })),
    };
  }), now.getTime());
  const unconsumed = detectUnconsumedTopics(topics.filter((topic) => topic.role === null).map((topic) => ({
    topic: topic.name, readers: topic.read ? 1 : 0, readersKnown, firstSeenMs: topic.firstSeenAt.getTime(), writtenAtMs: topic.writtenAt?.getTime() ?? null, held: topic.held === null ? null : Number(topic.held), producers: topic.producers, bytes: topic.bytes === null ? null : Number(topic.bytes),
  })), now.getTime());
  return [
    { kind: 'unread-dead-letters', subjects: letters.length, unknown: unread.unknown, findings: unread.findings },
    { kind: 'unconsumed-topic', subjects: unconsumed.subjects, unknown: unconsumed.unknown, findings: unconsumed.findings },
  ];
}
