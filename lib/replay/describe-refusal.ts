import type { Refusal } from '#lib/model/replay.ts';

/** A refusal as a sentence: why this record is not sent, and what would help. */
export function describeRefusal({ code, detail }: Refusal): string {
  const of = (name: string) => String(detail[name] ?? 'unknown');
  switch (code) {
    case 'already-replaying':
      return `Replay ${of('replay')} is sending it.`;
    case 'already-replayed':
      return `It was replayed before (generation ${of('generation')}, ${of('state')}). Replay it on its own to send it once more.`;
    case 'generation-changed':
      return `It was replayed since you looked (generation ${of('current')} instead of ${of('seen')}). Reload and decide again.`;
    case 'not-found':
      return 'There is no such dead letter any more.';
    case 'archived':
      return 'It is archived. Take it out of the archive first.';
    case 'parked':
      return `It failed after ${of('replays')} replays and is parked. Override the parking to send it again.`;
    case 'body-expired':
      return 'Its bytes have expired: none are kept here. Its page says whether the broker still has them.';
    case 'origin-unknown':
      return 'It does not say which topic it came from. Choose a target topic.';
    case 'target-missing':
      return `The topic ${of('topic')} does not exist.`;
    case 'partition-out-of-range':
      return `${of('topic')} has ${of('partitionCount')} partitions; there is no partition ${of('partition')}.`;
    case 'header-name-missing':
      return 'One of its headers has no name and cannot be sent byte for byte.';
    case 'too-large':
      return detail['bytes'] === undefined ? 'The broker finds it larger than the target allows (max.message.bytes).' : `With ${of('bytes')} bytes it is larger than ${of('topic')} allows (max.message.bytes ${of('limit')}).`;
    case 'rejected-by-broker':
      return `The broker does not take it: ${of('message')}.`;
  }
}
