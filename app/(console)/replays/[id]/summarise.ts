import type { WireReplayDetail } from '#lib/operations/replay-wire.ts';

/** A replay in a few lines of text, for a ticket or a chat. */
export function summarise(replay: WireReplayDetail, underWay: number): string {
  const { counts } = replay;
  const lines = [
    `Replay ${replay.id} (${replay.state}): ${replay.reason}`,
    `By ${replay.createdBy} at ${replay.createdAt} on ${replay.cluster}; target: ${replay.target ?? 'origin topics'}; ${replay.mode}.`,
    `Selected ${counts.selected ?? 'unknown'}, sent ${counts.sent}, processed ${counts.processed}, failed again ${counts.failedAgain}, refused ${counts.refused}, needs decision ${counts.needsDecision}, outcome open ${underWay}.`,
    ...replay.destinations.slice(0, 20).map((one) => `  ${one.topic} partition ${one.partition}: ${one.records}`),
    ...replay.refusals.map((one) => `  refused as ${one.code}: ${one.count}`),
  ];
  return lines.join('\n');
}
