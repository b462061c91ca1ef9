import type { LogPosition } from '#lib/model/replay.ts';
import type { Kafka } from './connect.ts';
import { LATEST, listOffsets } from './list-offsets.ts';

/**
 * High watermark of every partition of the topics.
 * @throws where one of them cannot be told: what a replay saves before its first send must be whole
 */
export async function readEndOffsets(kafka: Kafka, topics: readonly string[]): Promise<LogPosition[]> {
  const names = [...new Set(topics)];
  if (names.length === 0) return [];
  const metadata = await kafka.connections.metadata({ topics: names });
  const ends: LogPosition[] = [];
  const byLeader = new Map<number, Map<string, number[]>>();
  for (const name of names) {
    const topic = metadata.topics.get(name);
    if (!topic || topic.errorCode !== 0) continue; // every record of it is refused: target-missing
    for (const { partition, leader } of topic.partitions) {
      if (leader === null) throw new Error(`${name} partition ${partition} has no leader at the moment`);
      const questions = byLeader.get(leader) ?? new Map<string, number[]>();
      byLeader.set(leader, questions.set(name, [...(questions.get(name) ?? []), partition]));
    }
  }
  for (const [nodeId, questions] of byLeader) {
    const answer = await listOffsets(kafka, await kafka.connections.node(nodeId), [...questions].map(([topic, partitions]) => ({ topic, partitions })), 0, LATEST);
    for (const topic of answer.topics) {
      for (const [index, partition] of topic.partitions.entries()) {
        if (topic.errorCodes[index] !== 0) throw new Error(`the end of ${topic.topic} partition ${partition} cannot be read (Kafka error ${topic.errorCodes[index]})`);
        ends.push({ topic: topic.topic, partition, offset: topic.offsets[index]! });
      }
    }
  }
  return ends;
}
