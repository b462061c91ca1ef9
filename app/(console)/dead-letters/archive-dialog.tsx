'use client';

import { useRouter } from 'next/navigation';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { ApiError, callApi } from '#components/call-api.ts';
import { Dialog } from '#components/dialog.tsx';
import { formatCount, formatNoun } from '#components/format.ts';
import { ProblemState } from '#components/problem-state.tsx';
import { TextArea } from '#components/text-field.tsx';
import type { WireArchive } from '#lib/operations/archive-wire.ts';
import type { ReplaySelection } from '../replays/replay-dialog.tsx';

export type ArchiveVerb = WireArchive['verb'];

interface ArchiveDialogProps {
  verb: ArchiveVerb;
  selection: ReplaySelection;
  count: number | null;
  upTo?: boolean;
  onClose: () => void;
}

const LOOK_EVERY_MS = 1_000;

/** Puts dead letters aside with a reason, or takes them back, and says how far it is and what was passed over. */
export function ArchiveDialog({ verb, selection, count, upTo = false, onClose }: ArchiveDialogProps): ReactNode {
  const router = useRouter();
  const [frozen] = useState(selection); // a list that refreshes behind the dialog must not change what it is about
  const [reason, setReason] = useState('');
  const [asked, setAsked] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const [archive, setArchive] = useState<WireArchive | null>(null);
  const key = useRef({ reason: '', key: '' });
  const archiving = verb === 'archive';
  const running = archive?.state === 'running';

  // A large selection is worked off by a collector: this only looks.
  useEffect(() => {
    if (!running) return;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      callApi<WireArchive>('GET', `/api/v1/archives/${archive.id}`, undefined, { signal: stop.signal }).then(
        (now) => {
          setArchive(now);
          setError(null);
          if (now.state === 'finished') router.refresh();
        },
        (problem: unknown) => {
          if (stop.signal.aborted) return;
          setError(problem as ApiError);
          setArchive({ ...archive }); // looks again
        },
      );
    }, LOOK_EVERY_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [archive, running, router]);

  async function go(): Promise<void> {
    setAsked(true);
    if (reason.trim().length < 3) return;
    setBusy(true);
    setError(null);
    // A second click, or a retry after a lost answer, is the same archive.
    if (key.current.reason !== reason) key.current = { reason, key: crypto.randomUUID() };
    try {
      const done = await callApi<WireArchive>('POST', '/api/v1/archives', { verb, selection: frozen, reason: reason.trim() }, { headers: { 'idempotency-key': key.current.key } });
      router.refresh();
      if (done.state === 'finished' && done.counts.skippedReplaying + done.counts.skippedSettled === 0) onClose();
      else setArchive(done);
    } catch (problem) {
      setError(problem as ApiError);
    } finally {
      setBusy(false);
    }
  }

  const what = count === null ? 'all that match' : `${upTo ? 'up to ' : ''}${formatNoun(count, 'dead letter')}`;
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={archiving ? `Archive ${what}` : `Take ${what} out of the archive`}
      description={
        archiving
          ? `${'filter' in frozen ? 'What arrives later is not part of it. ' : ''}An archived dead letter leaves the lists and counts and is not replayed. It is kept, can be found under the state "archived", and can be taken back.`
          : 'Each goes back to the state it had before, and counts as waiting again where it did.'
      }
      actions={
        archive === null ? (
          <>
            <Button onClick={onClose}>Close</Button>
            <Button look="primary" busy={busy} onClick={() => void go()}>
              {archiving ? `Archive ${what}` : `Take back ${what}`}
            </Button>
          </>
        ) : (
          <Button onClick={onClose}>Close</Button>
        )
      }
    >
      {error ? (
        <ProblemState title={archive === null ? (archiving ? 'Nothing was archived' : 'Nothing was taken back') : 'How far it is can not be read at the moment'} id={error.id}>
          {error.message}
        </ProblemState>
      ) : null}
      {archive === null ? (
        <TextArea label="Reason" value={reason} onChange={(event) => setReason(event.target.value)} required rows={3} maxLength={1_000} error={asked && reason.trim().length < 3 ? 'Say why in a few words: it is kept with each of them and in the audit trail.' : null} hint="Kept with each dead letter and in the audit trail." />
      ) : (
        <Progress archive={archive} />
      )}
    </Dialog>
  );
}

function Progress({ archive }: { archive: WireArchive }): ReactNode {
  const { counts } = archive;
  const done = counts.changed + counts.skippedReplaying + counts.skippedSettled;
  const verb = archive.verb === 'archive' ? 'archived' : 'taken back';
  return (
    <div aria-live="polite" className="flex flex-col gap-2">
      <p>
        {archive.state === 'running' ? `${formatCount(counts.changed)} of ${formatNoun(counts.selected, 'dead letter')} ${verb}. It goes on when this is closed.` : `${formatNoun(counts.changed, 'dead letter')} ${verb}.`}
      </p>
      <progress aria-label={`Dead letters ${verb}`} className="h-2 w-full accent-accent" value={done} max={Math.max(counts.selected, done, 1)} />
      {counts.skippedReplaying > 0 ? <p className="text-behind-ink">{formatNoun(counts.skippedReplaying, 'dead letter')} passed over: a replay holds {counts.skippedReplaying === 1 ? 'it' : 'them'}, or has sent {counts.skippedReplaying === 1 ? 'it' : 'them'} and the outcome is open.</p> : null}
      {counts.skippedSettled > 0 ? <p className="text-muted">{formatNoun(counts.skippedSettled, 'dead letter')} passed over: {archive.verb === 'archive' ? 'processed, or archived already' : 'not archived'}.</p> : null}
    </div>
  );
}
