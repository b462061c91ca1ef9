import Link from 'next/link';
import type { ReactNode } from 'react';
import { formatCount, formatNoun } from '#components/format.ts';
import { links } from '#components/links.ts';
import { ProblemState } from '#components/problem-state.tsx';
import { RelativeTime } from '#components/relative-time.tsx';
import { StateChip } from '#components/state-chip.tsx';
import type { FailureWire } from '#lib/operations/list-failures.ts';
import type { WireReplayRule } from '#lib/operations/replay-rule-wire.ts';
import { RuleDialog } from './rule-dialog.tsx';

/** The rule that retries a failure by itself: what it may, in whose name, what came of it, and why it stopped. */
export function RulePanel({ failure, rule, refused }: { failure: FailureWire; rule: WireReplayRule | null; refused: string | null }): ReactNode {
  const waiting = failure.states['new'] ?? 0;
  const dialog = (label: string) => <RuleDialog failureId={failure.id} rule={rule} waiting={waiting} label={label} refused={refused} />;
  if (rule?.state === 'stopped') {
    return (
      <ProblemState severity="warning" title="The rule that retried this failure stopped itself" actions={dialog('Turn on again…')}>
        <p>
          {rule.stoppedWhy} <span className="text-muted">{rule.stoppedAt ? <RelativeTime at={rule.stoppedAt} /> : null}</span>
        </p>
        <Outcome rule={rule} />
      </ProblemState>
    );
  }
  return (
    <section aria-label="Automatic retry" className="panel mb-4 flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-2.5">
      <StateChip state={rule?.state === 'on' ? 'enabled' : 'disabled'} label={rule?.state === 'on' ? 'retried by a rule' : 'no automatic retry'} />
      <div className="min-w-0 flex-1 basis-64">
        {rule?.state === 'on' ? (
          <>
            <p className="first-letter:uppercase">{rule.text}.</p>
            <Outcome rule={rule} />
            {rule.lastError ? <p className="text-bad-ink">It could not run: {rule.lastError}</p> : null}
          </>
        ) : (
          <p className="text-muted">{rule === null ? 'Nothing of this failure is retried by itself.' : <>Turned off by {rule.createdBy} <RelativeTime at={rule.since} />: {rule.reason}</>}</p>
        )}
      </div>
      {dialog(rule?.state === 'on' ? 'Change…' : 'Retry automatically…')}
    </section>
  );
}

function Outcome({ rule }: { rule: WireReplayRule }): ReactNode {
  const { asked, processed, failedAgain, askedLastHour } = rule.counts;
  return (
    <p className="text-xs text-muted">
      In the name of {rule.createdBy} since <RelativeTime at={rule.since} />: {asked === 0 ? 'nothing asked for yet' : `${formatNoun(asked, 'record')} asked for, ${formatCount(processed)} processed, ${formatCount(failedAgain)} failed again`}; {formatCount(askedLastHour)} of {formatCount(rule.maxPerHour)} in the last hour.
      {rule.openReplayId === null ? null : (
        <>
          {' '}
          <Link href={links.replay(rule.openReplayId)} prefetch={false} className="text-accent-ink hover:underline">
            Open its replay
          </Link>
        </>
      )}
    </p>
  );
}
