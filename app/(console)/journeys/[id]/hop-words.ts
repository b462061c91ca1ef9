import { formatDuration } from '#components/format.ts';
import type { EvidenceKind, HopSource } from '#lib/model/journey.ts';
import type { HopWire } from '#lib/operations/journey-wire.ts';

/** Why two hops are connected, in two or three words. */
export const evidenceWords: Record<EvidenceKind, string> = { parent: 'parent span', link: 'span link', causation: 'causation id', coordinate: 'same record', correlation: 'same correlation id', inferred: 'inferred' };

/** `orders p2@1043`, or the topic alone where no span says more. */
export function placeOf(hop: Pick<HopWire, 'topic' | 'partition' | 'offset'>): string {
  if (hop.topic === null) return 'unknown place';
  return hop.partition === null || hop.offset === null ? hop.topic : `${hop.topic} p${hop.partition}@${hop.offset}`;
}

/** Where a hop without a span is known from. */
export const sourceWords: Record<HopSource, string> = {
  spans: 'spans', 'record-headers': 'read from the record\'s headers', commits: 'known from the group\'s commits', 'dead-letter': 'known from the dead letter', ledger: 'known from the replay\'s ledger',
};

/** Who did it. */
export function whoOf(hop: HopWire): string {
  if (hop.knownBy === 'record-headers') return 'a service without spans';
  return hop.kind === 'replay' ? (hop.actor ?? 'someone') : (hop.service ?? hop.group ?? 'unknown service');
}

/** What it did, in a few words. */
export function whatOf(hop: HopWire): string {
  switch (hop.kind) {
    case 'send':
      return `send ${hop.topic ?? ''}`;
    case 'dead-letter':
      return `dead letter ${hop.topic ?? ''}`;
    case 'replay':
      return hop.topic === null ? 'replay' : `replay to ${hop.topic}`;
    case 'process':
      return `${hop.knownBy === 'commits' ? 'committed past (no span)' : hop.ghost ? 'handled (no span)' : 'process'} ${hop.topic ?? ''}`;
    default:
      return hop.kind satisfies never;
  }
}

/** What came of it. */
export function outcomeOf(hop: HopWire): string {
  if (hop.kind === 'replay') return hop.outcome === 'sent' ? 'sent' : (hop.outcome?.replaceAll('-', ' ') ?? 'unknown');
  if (hop.error !== null && hop.deferredTo !== null) return `${hop.error}; put on ${hop.deferredTo} for later`;
  if (hop.error !== null) return hop.uncertain ? `its batch failed (${hop.error}); this record may not have` : hop.error;
  if (hop.knownBy === 'commits') return 'committed past it';
  if (hop.kind === 'process') return hop.attempts.length > 1 ? `done after ${hop.attempts.length} attempts` : 'done';
  return '';
}

/** Waiting time in words; a negative one is a clock, not a wait. */
export function queueText(hop: HopWire): string {
  if (hop.kind !== 'process') return '-';
  if (hop.queueMs === null) return 'unknown';
  if (hop.skewMs !== null) return `about 0 (skew ${Math.round(hop.skewMs)} ms)`;
  return formatDuration(hop.queueMs);
}
