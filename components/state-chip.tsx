import { Archive, CircleCheck, CircleDashed, CircleHelp, CirclePause, CircleX, Hourglass, OctagonAlert, RotateCcw, TriangleAlert, Truck, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

/** What a colour means. Each has an icon and stands beside a word: colour is never the only sign. */
export type Tone = 'ok' | 'behind' | 'bad' | 'flight' | 'unknown' | 'replayed' | 'neutral';

const TONES: Record<Tone, { chip: string; dot: string; ink: string }> = {
  ok: { chip: 'bg-ok-soft text-ok-ink', dot: 'bg-ok', ink: 'text-ok-ink' },
  behind: { chip: 'bg-behind-soft text-behind-ink', dot: 'bg-behind', ink: 'text-behind-ink' },
  bad: { chip: 'bg-bad-soft text-bad-ink', dot: 'bg-bad', ink: 'text-bad-ink' },
  flight: { chip: 'bg-flight-soft text-flight-ink', dot: 'bg-flight', ink: 'text-flight-ink' },
  unknown: { chip: 'bg-unknown-soft text-unknown-ink hatched', dot: 'bg-unknown hatched', ink: 'text-unknown-ink' },
  replayed: { chip: 'bg-replayed-soft text-replayed-ink', dot: 'bg-replayed', ink: 'text-replayed-ink' },
  neutral: { chip: 'bg-sunken text-muted', dot: 'bg-line-strong', ink: 'text-muted' },
};

// Every state word of the product, whatever it is a state of: a word looks the same everywhere.
const STATES: Record<string, readonly [Tone, LucideIcon, string?]> = {
  // groups and partitions
  ok: ['ok', CircleCheck],
  'losing-data': ['bad', OctagonAlert, 'losing data'],
  stopped: ['bad', CircleX],
  stalled: ['bad', CirclePause],
  rewound: ['behind', RotateCcw],
  'falling-behind': ['behind', TriangleAlert, 'falling behind'],
  rebalancing: ['flight', RotateCcw],
  expired: ['behind', Hourglass],
  empty: ['neutral', CircleDashed],
  unknown: ['unknown', CircleHelp],
  // clusters and collectors
  partial: ['behind', TriangleAlert],
  down: ['bad', CircleX],
  stale: ['behind', Hourglass],
  failing: ['bad', OctagonAlert],
  // dead letters and failures
  new: ['bad', OctagonAlert],
  regressed: ['bad', RotateCcw],
  watched: ['flight', CircleDashed],
  quiet: ['neutral', CircleCheck],
  muted: ['neutral', CirclePause],
  replaying: ['flight', RotateCcw],
  replayed: ['replayed', RotateCcw],
  consumed: ['replayed', CircleCheck],
  retrying: ['flight', RotateCcw],
  processed: ['ok', CircleCheck],
  'failed-again': ['bad', CircleX, 'failed again'],
  parked: ['behind', CirclePause],
  proposed: ['behind', TriangleAlert, 'found'],
  archived: ['neutral', Archive],
  // replays and their items
  'awaiting-approval': ['behind', Hourglass, 'to approve'],
  scheduled: ['flight', Hourglass],
  queued: ['flight', Hourglass],
  running: ['flight', Truck],
  canary: ['flight', CirclePause],
  paused: ['behind', CirclePause],
  finished: ['ok', CircleCheck],
  cancelled: ['neutral', CircleX],
  declined: ['neutral', CircleX],
  lapsed: ['neutral', Hourglass],
  'needs-decision': ['bad', OctagonAlert, 'needs a decision'],
  claimed: ['flight', Hourglass],
  sent: ['replayed', Truck],
  refused: ['behind', CircleX],
  'no-consumer': ['unknown', CircleHelp, 'no consumer'],
  waiting: ['flight', Hourglass],
  // journeys
  'in-flight': ['flight', Truck, 'in flight'],
  done: ['ok', CircleCheck],
  stuck: ['behind', CirclePause],
  failed: ['bad', CircleX],
  'dead-lettered': ['bad', OctagonAlert, 'dead-lettered'],
  // alerts, endpoints, deliveries
  normal: ['ok', CircleCheck],
  pending: ['behind', Hourglass],
  firing: ['bad', OctagonAlert],
  recovering: ['behind', RotateCcw],
  resolved: ['ok', CircleCheck],
  'no-data': ['unknown', CircleHelp, 'no data'],
  error: ['bad', CircleX],
  silenced: ['neutral', CirclePause],
  active: ['flight', CircleDashed],
  ended: ['neutral', CircleCheck],
  sending: ['flight', Truck],
  delivered: ['ok', CircleCheck],
  superseded: ['neutral', Archive],
  enabled: ['ok', CircleCheck],
  disabled: ['neutral', CirclePause],
  // severities
  critical: ['bad', OctagonAlert],
  warning: ['behind', TriangleAlert],
  info: ['flight', CircleDashed],
};

/** The tone of a state word; what this version does not know is neutral. */
export function toneOf(state: string): Tone {
  return STATES[state]?.[0] ?? 'neutral';
}

/** Text colour class of a tone, for a figure that carries its state. */
export function inkOf(tone: Tone): string {
  return TONES[tone].ink;
}

interface StateChipProps {
  /** A state word of lib/model: "stopped", "failed-again", "in-flight" … */
  state: string;
  /** Other words, where the state alone says too little ("replaying 63 %"). */
  label?: string;
  tone?: Tone;
  title?: string;
}

/** A state as icon and word. */
export function StateChip({ state, label, tone, title }: StateChipProps): ReactNode {
  const [known, Icon, word] = STATES[state] ?? (['neutral', CircleDashed] as const);
  return (
    <span title={title} className={`inline-flex h-5 max-w-full items-center gap-1 rounded-sm px-1.5 text-xs font-medium whitespace-nowrap ${TONES[tone ?? known].chip}`}>
      <Icon aria-hidden size={12} strokeWidth={2.25} className="shrink-0" />
      <span className="truncate">{label ?? word ?? state.replaceAll('-', ' ')}</span>
    </span>
  );
}

/** A state as a dot only, for places where the word stands beside it. */
export function StateDot({ state, tone }: { state: string; tone?: Tone }): ReactNode {
  return <span aria-hidden className={`inline-block size-2 shrink-0 rounded-full ${TONES[tone ?? toneOf(state)].dot}`} />;
}
