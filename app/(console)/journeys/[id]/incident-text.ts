import { formatDuration } from '#components/format.ts';
import type { HopWire, JourneyWire } from '#lib/operations/journey-wire.ts';
import { outcomeOf, queueText, whatOf, whoOf } from './hop-words.ts';

/** A message in a chat holds about as many lines; the rest is behind the link. */
const MOST_HOPS = 60;

/** The journey as plain text for a ticket or a chat: verdict, path, one line a hop with times in UTC, and where to look. */
export function incidentText(journey: JourneyWire, address: string): string {
  const hops = journey.hops.length <= MOST_HOPS ? journey.hops : pick(journey.hops);
  const lines = hops.map((hop) => {
    const outcome = outcomeOf(hop);
    const waited = hop.kind === 'process' && hop.queueMs !== null ? `, waited ${queueText(hop)}` : '';
    return `${hop.startedAt}  ${hop.kind === 'replay' ? 'replay by ' : ''}${whoOf(hop)}: ${whatOf(hop)}${hop.offset === null ? '' : ` p${hop.partition}@${hop.offset}`}${waited}${outcome === '' || outcome === 'done' ? '' : `: ${oneLine(outcome)}`}`;
  });
  if (hops.length < journey.hops.length) lines.push(`… ${journey.hops.length - hops.length} more hops: failures and the first ones are above`);
  return [
    `${journey.key ?? 'Journey without a correlation id'}: ${journey.state.replaceAll('-', ' ')}`,
    journey.verdict,
    ...(journey.usual === null || journey.usual.done === journey.usual.expected ? [] : [`Usual path: ${journey.usual.words}`]),
    '',
    `Path: ${journey.path.map((step) => `${step.text}${step.times > 1 ? ` ×${step.times}` : ''}${step.failed > 0 ? ` (${step.failed} failed)` : ''}`).join(' → ')}`,
    `Began ${journey.startedAt}, took ${formatDuration(journey.durationMs)}`,
    '',
    ...lines,
    '',
    address,
  ].join('\n');
}

/** What failed, then the first ones, in their order. */
function pick(hops: readonly HopWire[]): HopWire[] {
  const failed = hops.filter((hop) => hop.error !== null || hop.kind === 'dead-letter' || hop.kind === 'replay').slice(0, MOST_HOPS / 2);
  const kept = new Set([...failed, ...hops.slice(0, MOST_HOPS - failed.length)]);
  return hops.filter((hop) => kept.has(hop));
}

function oneLine(text: string): string {
  const line = text.split('\n', 1)[0] ?? '';
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}
