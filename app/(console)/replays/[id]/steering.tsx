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

interface SteeringProps {
  replay: WireReplay;
  /** Why this person may not; null where they may. */
  refused: string | null;
  summary: string;
  /** It stands still because the rights for transactions are missing, and has sent nothing yet. */
  rightsMissing: boolean;
}

type Ask = 'pause' | 'resume' | 'cancel';

/** Pause, go on, cancel, and the summary to copy. */
export function Steering({ replay, refused, summary, rightsMissing }: SteeringProps): ReactNode {
  const router = useRouter();
  const [ask, setAsk] = useState<Ask | null>(null);
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const [copied, setCopied] = useState(false);
  const active = replay.state === 'running';
  const resting = replay.state === 'paused' || replay.state === 'canary' || replay.state === 'needs-decision';
  const left = Math.max(0, (replay.counts.selected ?? 0) - replay.counts.sent - replay.counts.refused - replay.counts.needsDecision);
  const cancelling = replay.wanted === 'cancel' ? 'It is being cancelled.' : null;

  async function go(verb: Ask, body: object): Promise<void> {
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
      <Button
        onClick={() =>
          void navigator.clipboard.writeText(summary).then(
            () => setCopied(true),
            () => setCopied(false),
          )
        }
      >
        {copied ? 'Summary copied' : 'Copy summary'}
      </Button>
      {active ? (
        <Button disabledReason={refused ?? cancelling ?? (replay.wanted === 'pause' ? 'It pauses after the batch under way.' : null)} busy={busy} onClick={() => void go('pause', {})}>
          Pause
        </Button>
      ) : null}
      {resting ? (
        <Button look="primary" disabledReason={refused ?? cancelling} busy={busy} onClick={() => (replay.counts.needsDecision > 0 ? setAsk('resume') : void go('resume', {}))}>
          {replay.counts.needsDecision > 0 ? `Decide about ${formatNoun(replay.counts.needsDecision, 'record')}…` : replay.state === 'canary' ? `Send the remaining ${formatCount(left)}` : rightsMissing ? 'Try again, exactly once' : 'Go on'}
        </Button>
      ) : null}
      {rightsMissing ? (
        <Button disabledReason={refused ?? cancelling} busy={busy} onClick={() => void go('resume', { mode: 'at-least-once' })}>
          {AT_LEAST_ONCE_LABEL}
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
        description={`${formatNoun(replay.counts.sent, 'record')} ${replay.counts.sent === 1 ? 'was' : 'were'} sent and ${replay.counts.sent === 1 ? 'stays' : 'stay'} sent. The other ${formatCount(left)} stay dead letters.`}
        actions={
          <>
            <Button onClick={() => setAsk(null)}>Keep sending</Button>
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
        open={ask === 'resume'}
        onOpenChange={(open) => setAsk(open ? 'resume' : null)}
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
