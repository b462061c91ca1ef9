import Link from 'next/link';
import type { ReactNode } from 'react';
import type { FailureWire } from '#lib/operations/list-failures.ts';
import { LinkButton } from '#components/link-button.tsx';
import { formatCount, formatNoun } from '#components/format.ts';
import { links } from '#components/links.ts';
import { RelativeTime } from '#components/relative-time.tsx';
import { Sparkline } from '#components/sparkline.tsx';
import { StateChip } from '#components/state-chip.tsx';
import { ArchiveAction } from './archive-action.tsx';
import { FailureNotes } from './failure-notes.tsx';
import { shortClass } from './filter.ts';
import { ReplayAction } from './replay-action.tsx';

interface FailureCardsProps {
  failures: readonly FailureWire[];
  /** Why this person can't replay; null where they can. */
  replayRefused: string | null;
  /** Why this person can't set owner, note and mute; null where they can. */
  editRefused: string | null;
  /** Failures that a rule retries, or whose rule stopped itself. */
  rules?: ReadonlyMap<string, 'on' | 'stopped'>;
  /** What the list is called, where a screen has several. */
  label?: string;
  /** The head of the failure's own rows: no link to itself. */
  alone?: boolean;
}

/** One card a failure, most urgent first: what, how often, since when, whom it hits. */
export function FailureCards({ failures, replayRefused, editRefused, rules, label = 'Failures', alone = false }: FailureCardsProps): ReactNode {
  return (
    <ul className="mb-4 flex flex-col gap-2" aria-label={label}>
      {failures.map((failure) => {
        const waiting = (failure.states['new'] ?? 0) + (failure.states['failed-again'] ?? 0);
        const total = Object.values(failure.states).reduce((sum, count) => sum + count, 0);
        // What a replay holds or watches may be passed over.
        const watched = ['replaying', 'replayed', 'consumed', 'retrying'].reduce((sum, state) => sum + (failure.states[state] ?? 0), 0);
        const archivable = total - (failure.states['archived'] ?? 0) - (failure.states['processed'] ?? 0);
        const title = failure.errorClass ? shortClass(failure.errorClass) : failure.message ? 'Error without a class' : 'No error conveyed';
        return (
          <li key={failure.id} className="panel grid gap-x-6 gap-y-2 px-4 py-3 md:grid-cols-[minmax(0,1fr)_auto]">
            <div className="min-w-0">
              <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
                <StateChip state={failure.state} {...(failure.state === 'replaying' && total > 0 ? { label: `replaying ${Math.round((1 - waiting / total) * 100)} %` } : {})} />
                <h2 className="min-w-0 text-sm font-semibold [overflow-wrap:anywhere]" title={failure.errorClass ?? undefined}>
                  {alone ? (
                    title
                  ) : (
                    <Link href={links.failure(failure.id)} prefetch={false} className="hover:text-accent-ink hover:underline">
                      {title}
                    </Link>
                  )}
                </h2>
                {failure.frame ? <span className="min-w-0 font-mono text-xs text-muted [overflow-wrap:anywhere]">in {failure.frame}</span> : null}
                {failure.payload && (alone || failure.payload === 'tombstone' || failures.some((other) => isTwin(other, failure))) ? <span className="text-xs text-muted">{failure.payload === 'tombstone' ? 'tombstones' : failure.payload}</span> : null}
              </div>
              {failure.message ? (
                <p className="mt-1 line-clamp-2 [overflow-wrap:anywhere]">
                  <Normalised message={failure.message} />
                </p>
              ) : null}
              {failure.rootClass && failure.rootClass !== failure.errorClass ? <p className="mt-0.5 text-xs text-muted">caused by {failure.rootClass}</p> : null}
              <p className="mt-1.5 flex flex-wrap gap-x-3 gap-y-0.5 text-xs text-muted">
                <span>
                  first <RelativeTime at={failure.firstSeenAt} />
                </span>
                <span>
                  last <RelativeTime at={failure.lastSeenAt} />
                </span>
                <span className="[overflow-wrap:anywhere]">
                  {list(failure.originTopics, 'origin unknown')} → {list(failure.topics, 'unknown')}
                </span>
                {failure.originGroups.some((group) => group !== null) ? <span className="[overflow-wrap:anywhere]">group {list(failure.originGroups, 'unknown')}</span> : null}
                <FirstExpires failure={failure} />
                {failure.state === 'muted' && failure.mutedUntil ? (
                  <span>
                    muted until <RelativeTime at={failure.mutedUntil} as="clock" />
                  </span>
                ) : null}
                {rules?.get(failure.id) === 'on' ? <span>retried by a rule</span> : null}
                {rules?.get(failure.id) === 'stopped' ? <span className="text-behind-ink">its rule stopped itself</span> : null}
                {failure.owner ? <span className="[overflow-wrap:anywhere]">owner {failure.owner}</span> : null}
                {settled(failure.states) ? <span>{settled(failure.states)}</span> : null}
              </p>
              {failure.note ? <p className="mt-1.5 border-l-2 border-line-strong pl-2 text-xs whitespace-pre-line [overflow-wrap:anywhere]">{failure.note}</p> : null}
            </div>
            <div className="flex flex-wrap items-center gap-3 md:justify-end">
              <Sparkline values={failure.trend} label={`new dead letters an hour over the last 24 hours, ${formatCount(failure.trend.at(-1) ?? null)} in this hour`} />
              <div className="min-w-20 text-right">
                <div className="text-lg leading-5 font-semibold" title={Object.entries(failure.states).map(([state, count]) => `${formatCount(count)} ${state.replaceAll('-', ' ')}`).join(', ')}>
                  {formatCount(waiting)}
                </div>
                <div className="text-xs text-muted">{waiting === failure.count ? 'waiting' : `waiting of ${formatCount(failure.count)}`}</div>
              </div>
              <div className="flex flex-wrap gap-2">
                <FailureNotes failure={{ id: failure.id, owner: failure.owner, note: failure.note, muted: failure.state === 'muted' }} title={title} refused={editRefused} />
                {alone ? null : (
                  <LinkButton small href={links.failure(failure.id)} aria-label={`Open the ${formatNoun(failure.count, 'row')} of ${title}`}>
                    Open
                  </LinkButton>
                )}
                <ArchiveAction
                  small
                  verb="archive"
                  selection={{ filter: { cluster: failure.cluster, failure: failure.id } }}
                  count={archivable}
                  upTo={watched > 0}
                  label="Archive…"
                  spokenLabel={`Archive… ${title}`}
                  disabledReason={editRefused ?? (archivable === 0 ? 'All of it is processed or archived.' : null)}
                />
                <ReplayAction
                  small
                  selection={{ filter: { cluster: failure.cluster, failure: failure.id } }}
                  label={`Replay ${waiting === 0 ? 'again' : 'all'}…`}
                  disabledReason={replayRefused ?? (failure.originTopics.every((topic) => topic === null) ? 'No row says which topic it came from. Open one and choose a target.' : null)}
                />
              </div>
            </div>
          </li>
        );
      })}
    </ul>
  );
}

/** What is lost first of the rows that wait: the stored bytes, without which none is replayed, or the broker's record. */
function FirstExpires({ failure: { expiresAt, bytesExpireAt } }: { failure: FailureWire }): ReactNode {
  const bytesFirst = bytesExpireAt !== null && (expiresAt === null || bytesExpireAt <= expiresAt);
  const at = bytesFirst ? bytesExpireAt : expiresAt;
  if (at === null) return null;
  return (
    <span className="text-behind-ink" title={bytesFirst ? 'Then the first stored bytes are let go, and their rows can not be replayed any more.' : bytesExpireAt === null ? 'Then the broker deletes the first record that waits.' : 'Then the broker deletes the first record that waits. What was copied when it was first seen can still be replayed.'}>
      {bytesFirst ? 'first bytes expire' : 'first expires'} <RelativeTime at={at} as="until" />
    </span>
  );
}

/** Two failures that only the form of their values tells apart. */
function isTwin(a: FailureWire, b: FailureWire): boolean {
  return a.id !== b.id && a.errorClass === b.errorClass && a.rootClass === b.rootClass && a.frame === b.frame && a.message === b.message;
}

/** What became of the rows that do not wait. */
function settled(states: Readonly<Record<string, number>>): string {
  const sum = (...names: string[]) => names.reduce((total, name) => total + (states[name] ?? 0), 0);
  const outcomes = [[sum('processed'), 'processed'], [sum('failed-again'), 'failed again'], [sum('parked'), 'parked'], [sum('replayed', 'consumed', 'retrying'), 'with the outcome open']] as const;
  const replayed = outcomes.reduce((total, [count]) => total + count, 0);
  const archived = sum('archived');
  return [
    replayed > 0 ? `${formatCount(replayed)} replayed: ${outcomes.filter(([count]) => count > 0).map(([count, word]) => `${formatCount(count)} ${word}`).join(', ')}` : '',
    archived > 0 ? `${formatCount(archived)} archived` : '',
  ].filter((part) => part !== '').join('; ');
}

function list(values: readonly (string | null)[], none: string): string {
  const known = values.filter((value): value is string => value !== null);
  if (known.length === 0) return none;
  return known.length > 3 ? `${known.slice(0, 3).join(', ')} and ${formatCount(known.length - 3)} more` : known.join(', ');
}

/** A message whose variable parts (`<n>`, `<uuid>` …) step back. */
function Normalised({ message }: { message: string }): ReactNode {
  return message.split(/(<(?:n|uuid|text|time|host|mail|address|bytes)>)/u).map((part, index) =>
    index % 2 === 1 ? (
      // oxlint-disable-next-line react/no-array-index-key -- parts of one text never change places
      <span key={index} className="text-faint">
        {part.slice(1, -1)}
      </span>
    ) : (
      part
    ),
  );
}
