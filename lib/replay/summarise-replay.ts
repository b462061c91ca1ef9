import type { ApprovalDecision, ReplayItemState, ReplayMode } from '#lib/model/replay.ts';

/** What a replay came to. Times in milliseconds since 1970. */
export interface ReplaySummaryFacts {
  id: string;
  reason: string;
  state: string;
  cluster: string;
  /** In words: "failure 1-3-ab12", "12 chosen records". */
  selection: string;
  /** null: each record's origin topic. */
  target: string | null;
  mode: ReplayMode;
  createdBy: string;
  /** The rule that asked for it; null: a person. */
  rule: string | null;
  createdAtMs: number;
  startedAtMs: number | null;
  finishedAtMs: number | null;
  approval: { decision: ApprovalDecision | null; decidedBy: string | null } | null;
  lastError: string | null;
  selected: number | null;
  /** Items by state. */
  states: Readonly<Partial<Record<ReplayItemState, number>>>;
  /** What each consumer group made of what was sent, most first. null: a group that did not name itself. */
  groups: readonly { group: string | null; outcome: string; count: number }[];
  /** New errors of what failed again, most first. null: not conveyed. */
  errors: readonly { errorClass: string | null; count: number }[];
  refusals: readonly { code: string; count: number }[];
  generations: readonly { generation: number; count: number }[];
  destinations: readonly { topic: string; partition: number; records: number }[];
  /** Addresses of the replay and of some records that failed again. */
  link: string;
  failedAgainLinks: readonly string[];
}

const OUTCOMES: readonly [ReplayItemState, string][] = [
  ['processed', 'processed'],
  ['failed-again', 'failed again'],
  ['retrying', 'being retried by the consumer'],
  ['consumed', 'consumed, not yet known to be processed'],
  ['sent', 'sent, not seen by a consumer yet'],
  ['no-consumer', 'sent, and no group reads the target'],
  ['unknown', 'sent, outcome unknown'],
  ['refused', 'refused'],
  ['needs-decision', 'not known whether sent'],
  ['cancelled', 'not sent, given up'],
  ['claimed', 'not sent yet'],
];
const OPEN: readonly ReplayItemState[] = ['sent', 'consumed', 'retrying'];
const LISTED = 20;

/**
 * A replay in lines of plain text that stand on their own in a ticket or a chat: what was sent back, what became of it, per group, why some
 * was refused, who asked, when, and where to look. The first line says it all.
 */
export function summariseReplay(facts: ReplaySummaryFacts, nowMs: number): string {
  const count = (state: ReplayItemState) => facts.states[state] ?? 0;
  const known = OUTCOMES.filter(([state]) => count(state) > 0);
  const total = facts.selected ?? known.reduce((sum, [state]) => sum + count(state), 0);
  const open = OPEN.reduce((sum, state) => sum + count(state), 0);
  const duration = facts.startedAtMs === null ? null : (facts.finishedAtMs ?? nowMs) - facts.startedAtMs;
  const byGroup = Map.groupBy(facts.groups, (one) => one.group);
  return [
    `Replay of ${number(total)} dead ${total === 1 ? 'letter' : 'letters'} to ${facts.target ?? 'the topics they came from'}: ${known.map(([state, word]) => `${number(count(state))} ${word}`).join(', ') || 'nothing sent'}.`,
    `Reason: ${facts.reason}`,
    `State: ${facts.state.replaceAll('-', ' ')}${facts.lastError === null ? '' : ` (${facts.lastError})`}`,
    `Asked for by ${facts.rule === null ? facts.createdBy : `${facts.rule} of ${facts.createdBy}`} at ${time(facts.createdAtMs)}${approval(facts.approval)}`,
    ...(facts.startedAtMs === null ? [] : [`Sent from ${time(facts.startedAtMs)}${facts.finishedAtMs === null ? '' : ` to ${time(facts.finishedAtMs)}`} (${seconds(duration!)}), ${facts.mode === 'exactly-once' ? 'each record exactly once for read_committed consumers' : 'at least once: duplicates are possible'}`]),
    `Selection: ${facts.selection} on cluster ${facts.cluster}`,
    ...section('By consumer group', [...byGroup].map(([group, rows]) => `${group ?? 'a group that did not name itself'}: ${rows.map((one) => `${number(one.count)} ${one.outcome.replaceAll('-', ' ')}`).join(', ')}`)),
    ...section('New errors of what failed again', facts.errors.map((one) => `${one.errorClass ?? 'no class conveyed'}: ${number(one.count)}`)),
    ...section('Refused', facts.refusals.map((one) => `${one.code.replaceAll('-', ' ')}: ${number(one.count)}`)),
    ...section('Times these records were replayed, this one included', facts.generations.length === 1 && facts.generations[0]!.generation === 1 ? [] : facts.generations.map((one) => `${number(one.generation)}: ${number(one.count)} ${one.count === 1 ? 'record' : 'records'}`)),
    ...section('Sent to', facts.destinations.map((one) => `${one.topic} partition ${one.partition}: ${number(one.records)}`)),
    ...section('Failed again', facts.failedAgainLinks),
    `Replay: ${facts.link}`,
    `As of ${time(nowMs)}${open > 0 ? `; of ${number(open)} the outcome is open` : ''}.`,
  ].join('\n');
}

function section(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  return [`${title}:`, ...lines.slice(0, LISTED).map((line) => `- ${line}`), ...(lines.length > LISTED ? [`- and ${number(lines.length - LISTED)} more`] : [])];
}

function approval(of: ReplaySummaryFacts['approval']): string {
  if (of === null) return '';
  return of.decision === null ? ', not approved yet' : of.decision === 'lapsed' ? ', nobody approved it in time' : `, ${of.decision} by ${of.decidedBy ?? 'unknown'}`;
}

const number = (value: number) => value.toLocaleString('en-US');
const time = (ms: number) => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
const seconds = (ms: number) => (ms < 60_000 ? `${Math.max(1, Math.round(ms / 1_000))} s` : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1_000)} s`);
