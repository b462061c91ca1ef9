'use client';

import { useRouter } from 'next/navigation';
import { useState, type ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { ApiError, callApi } from '#components/call-api.ts';
import { Dialog } from '#components/dialog.tsx';
import { formatCount, formatNoun } from '#components/format.ts';
import { ProblemState } from '#components/problem-state.tsx';
import { TextArea } from '#components/text-field.tsx';
import type { WireReplay } from '#lib/operations/replay-wire.ts';
import { AT_LEAST_ONCE_LABEL } from '../at-least-once.ts';
import { Summary } from './summary.tsx';

interface SteeringProps {
  replay: WireReplay;
  /** Why this person may not; null where they may. */
  refused: string | null;
  /** It stands still because the rights for transactions are missing, and has sent nothing yet. */
  rightsMissing: boolean;
}

type Verb = 'pause' | 'resume' | 'cancel';
/** What is asked once more before it is done, because it cannot be taken back. */
type Ask = 'cancel' | 'decide' | 'send' | 'at-least-once';

/** Pause, go on, cancel, and the summary for a ticket. What cannot be taken back is asked once more, with its figures. */
export function Steering({ replay, refused, rightsMissing }: SteeringProps): ReactNode {
  const router = useRouter();
  const [ask, setAsk] = useState<Ask | null>(null);
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const active = replay.state === 'running';
  const scheduled = replay.state === 'scheduled';
  const resting = scheduled || replay.state === 'paused' || replay.state === 'canary' || replay.state === 'needs-decision';
  const left = Math.max(0, (replay.counts.selected ?? 0) - replay.counts.sent - replay.counts.refused - replay.counts.needsDecision);
  const cancelling = replay.wanted === 'cancel' ? 'It is being cancelled.' : null;

  const openOutcomes = Math.max(0, replay.counts.sent - replay.counts.processed - replay.counts.failedAgain);
  const outcome = `Of ${formatNoun(replay.counts.sent, 'record')} sent so far ${formatCount(replay.counts.processed)} ${replay.counts.processed === 1 ? 'was' : 'were'} processed, ${formatCount(replay.counts.failedAgain)} failed again and of ${formatCount(openOutcomes)} the outcome is open.`;
  const target = replay.target ?? 'the topics they came from';

  async function go(verb: Verb, body: object): Promise<void> {
    setBusy(true);
    setError(null);
    try {
      await callApi('POST', `/api/v1/replays/${replay.id}/${verb}`, { ...body, ...(reason.trim() ? { reason: reason.trim() } : {}) });
      setAsk(null);
      setReason('');
      router.refresh();
    } catch (problem) {
      setError(problem as ApiError);
    } finally {
      setBusy(false);
    }
  }

  return (
    <>
      <Summary replayId={replay.id} />
      {active ? (
        <Button disabledReason={refused ?? cancelling ?? (replay.wanted === 'pause' ? 'It pauses after the batch under way.' : null)} busy={busy} onClick={() => void go('pause', {})}>
          Pause
        </Button>
      ) : null}
      {resting ? (
        <Button look="primary" disabledReason={refused ?? cancelling} busy={busy} onClick={() => (replay.counts.needsDecision > 0 ? setAsk('decide') : replay.state === 'canary' || scheduled ? setAsk('send') : void go('resume', {}))}>
          {replay.counts.needsDecision > 0 ? `Decide about ${formatNoun(replay.counts.needsDecision, 'record')}…` : replay.state === 'canary' ? `Send the remaining ${formatCount(left)}…` : rightsMissing ? 'Try again, exactly once' : scheduled ? 'Start now…' : 'Go on'}
        </Button>
      ) : null}
      {rightsMissing ? (
        <Button disabledReason={refused ?? cancelling} busy={busy} onClick={() => setAsk('at-least-once')}>
          {AT_LEAST_ONCE_LABEL}…
        </Button>
      ) : null}
      {active || resting ? (
        <Button look="danger" disabledReason={refused ?? cancelling} onClick={() => setAsk('cancel')}>
          Cancel…
        </Button>
      ) : null}
      {error && ask === null ? (
        <div className="basis-full">
          <ProblemState title="That did not work" id={error.id}>
            {error.message}
          </ProblemState>
        </div>
      ) : null}

      <Dialog
        open={ask === 'cancel'}
        onOpenChange={(open) => setAsk(open ? 'cancel' : null)}
        title="Cancel this replay"
        description={`${formatNoun(replay.counts.sent, 'record')} ${replay.counts.sent === 1 ? 'was' : 'were'} sent and ${replay.counts.sent === 1 ? 'stays' : 'stay'} sent${active ? '; the batch under way is sent too' : ''}. The other ${formatCount(left)} stay dead letters. A cancelled replay cannot go on: what is left takes a new one.`}
        actions={
          <>
            <Button onClick={() => setAsk(null)}>{active ? 'Keep sending' : 'Leave it as it is'}</Button>
            <Button look="danger" busy={busy} onClick={() => void go('cancel', {})}>
              Cancel the remaining {formatCount(left)}
            </Button>
          </>
        }
      >
        {error ? <ProblemState title="The replay was not cancelled" id={error.id}>{error.message}</ProblemState> : null}
        <TextArea label="Reason (may be empty)" value={reason} onChange={(event) => setReason(event.target.value)} rows={2} maxLength={1_000} />
      </Dialog>

      <Dialog
        open={ask === 'send'}
        onOpenChange={(open) => setAsk(open ? 'send' : null)}
        title={scheduled ? `Send ${formatNoun(left, 'record')} now` : `Send the remaining ${formatNoun(left, 'record')}`}
        description={`${scheduled ? 'It does not wait for its time.' : outcome} They go to ${target}. What is sent cannot be taken back.`}
        actions={
          <>
            <Button onClick={() => setAsk(null)}>Wait</Button>
            <Button look="primary" busy={busy} onClick={() => void go('resume', {})}>
              Send {formatNoun(left, 'record')}
            </Button>
          </>
        }
      >
        {error ? <ProblemState title="The rest was not sent" id={error.id}>{error.message}</ProblemState> : null}
        {replay.counts.failedAgain > 0 ? <ProblemState severity="warning" title={`${formatNoun(replay.counts.failedAgain, 'record')} of the canary failed again`}>The rest is likely to fail for the same reason.</ProblemState> : null}
        <TextArea label="Reason (may be empty)" value={reason} onChange={(event) => setReason(event.target.value)} rows={2} maxLength={1_000} />
      </Dialog>

      <Dialog
        open={ask === 'at-least-once'}
        onOpenChange={(open) => setAsk(open ? 'at-least-once' : null)}
        title="Go on at least once"
        description={`${formatNoun(left, 'record')} ${left === 1 ? 'is' : 'are'} sent to ${target} without transactions: after a crash a record can appear twice. A replay never changes back.`}
        actions={
          <>
            <Button onClick={() => setAsk(null)}>Leave it as it is</Button>
            <Button look="danger" busy={busy} className="h-auto! min-h-8 shrink! whitespace-normal!" onClick={() => void go('resume', { mode: 'at-least-once' })}>
              {AT_LEAST_ONCE_LABEL}
            </Button>
          </>
        }
      >
        {error ? <ProblemState title="Nothing was sent" id={error.id}>{error.message}</ProblemState> : null}
        <TextArea label="Reason (may be empty)" value={reason} onChange={(event) => setReason(event.target.value)} rows={2} maxLength={1_000} />
      </Dialog>

      <Dialog
        open={ask === 'decide'}
        onOpenChange={(open) => setAsk(open ? 'decide' : null)}
        title={`Decide about ${formatNoun(replay.counts.needsDecision, 'record')}`}
        description="The broker has lost the proof of whether they were sent. Waybill does not guess: look into the target topic for their replay-id, then choose."
        actions={
          <>
            <Button busy={busy} onClick={() => void go('resume', { undecided: 'give-up' })}>
              They were not sent: leave them dead letters
            </Button>
            <Button look="primary" busy={busy} onClick={() => void go('resume', { undecided: 'treat-as-sent' })}>
              They were sent: go on with the rest
            </Button>
          </>
        }
      >
        {error ? <ProblemState title="Nothing was decided" id={error.id}>{error.message}</ProblemState> : null}
        <TextArea label="Reason (may be empty)" value={reason} onChange={(event) => setReason(event.target.value)} rows={2} maxLength={1_000} />
      </Dialog>
    </>
  );
}
