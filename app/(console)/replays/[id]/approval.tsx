'use client';

import { useRouter } from 'next/navigation';
import { useState, type ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { ApiError, callApi } from '#components/call-api.ts';
import { Dialog } from '#components/dialog.tsx';
import { formatNoun } from '#components/format.ts';
import { ProblemState } from '#components/problem-state.tsx';
import { TextArea } from '#components/text-field.tsx';
import type { WireReplay } from '#lib/operations/replay-wire.ts';

interface ApprovalProps {
  replay: WireReplay;
  /** Why this person may not decide; null where they may. */
  refused: string | null;
  /** Why this person may not end it either; null where they may. */
  mayNotEnd: string | null;
}

type Verb = 'approve' | 'decline' | 'cancel';

const WORDS = {
  approve: { title: 'Approve this replay', failed: 'The replay was not approved', reason: 'Note (may be empty)' },
  decline: { title: 'Decline this replay', failed: 'The replay was not declined', reason: 'Reason' },
  cancel: { title: 'Withdraw this replay', failed: 'The replay was not withdrawn', reason: 'Reason (may be empty)' },
} as const;

/** Approve, decline or withdraw a replay that waits for a second person. */
export function Approval({ replay, refused, mayNotEnd }: ApprovalProps): ReactNode {
  const router = useRouter();
  const [verb, setVerb] = useState<Verb | null>(null);
  const [reason, setReason] = useState('');
  const [asked, setAsked] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const records = formatNoun(replay.counts.selected ?? 0, 'record');
  const to = replay.target ?? (replay.counts.selected === 1 ? 'its origin topic' : 'their origin topics');
  const missing = verb === 'decline' && asked && reason.trim().length < 3 ? `Say why in a few words: ${replay.createdBy} reads it.` : null;

  function open(which: Verb): void {
    setVerb(which);
    setReason('');
    setAsked(false);
    setError(null);
  }

  async function go(): Promise<void> {
    if (verb === null) return;
    setAsked(true);
    if (verb === 'decline' && reason.trim().length < 3) return;
    setBusy(true);
    setError(null);
    try {
      await callApi('POST', `/api/v1/replays/${replay.id}/${verb}`, reason.trim() ? { reason: reason.trim() } : {});
      setVerb(null);
      router.refresh();
    } catch (problem) {
      setError(problem as ApiError);
    } finally {
      setBusy(false);
    }
  }

  const act = verb === 'approve' ? `Approve and send ${records}` : verb === 'decline' ? `Decline: send none of ${records}` : `Withdraw: send none of ${records}`;
  return (
    <>
      <Button look="primary" disabledReason={refused} onClick={() => open('approve')}>
        Approve…
      </Button>
      <Button disabledReason={refused} onClick={() => open('decline')}>
        Decline…
      </Button>
      <Button look="danger" disabledReason={mayNotEnd} onClick={() => open('cancel')}>
        Withdraw…
      </Button>
      <Dialog
        open={verb !== null}
        onOpenChange={(isOpen) => !isOpen && setVerb(null)}
        title={WORDS[verb ?? 'approve'].title}
        description={
          verb === 'approve'
            ? `${replay.createdBy} asks to send ${records} to ${to}: “${replay.reason}”. ${replay.mode === 'exactly-once' ? 'Each appears exactly once to read_committed consumers.' : 'At least once: after a crash a record can appear twice.'} It starts at once, and only if the selection is still what was asked for.`
            : `Nothing was sent; ${records} ${replay.counts.selected === 1 ? 'stays a dead letter' : 'stay dead letters'}.`
        }
        actions={
          <>
            <Button onClick={() => setVerb(null)}>Keep waiting</Button>
            <Button look={verb === 'approve' ? 'primary' : 'danger'} busy={busy} onClick={() => void go()}>
              {act}
            </Button>
          </>
        }
      >
        {error ? (
          <ProblemState title={WORDS[verb ?? 'approve'].failed} id={error.id}>
            {error.message}
          </ProblemState>
        ) : null}
        <TextArea label={WORDS[verb ?? 'approve'].reason} hint="Kept with the replay and in the audit trail." error={missing} required={verb === 'decline'} value={reason} onChange={(event) => setReason(event.target.value)} rows={2} maxLength={1_000} />
      </Dialog>
    </>
  );
}
