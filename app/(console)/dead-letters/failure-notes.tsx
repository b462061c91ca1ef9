'use client';

import { useRouter } from 'next/navigation';
import { useState, type FormEvent, type ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { callApi } from '#components/call-api.ts';
import { Dialog } from '#components/dialog.tsx';
import { ProblemState } from '#components/problem-state.tsx';
import { SelectField, TextArea, TextField } from '#components/text-field.tsx';

interface FailureNotesProps {
  failure: { id: string; owner: string | null; note: string | null; muted: boolean };
  /** For screen readers: which failure. */
  title: string;
  /** Why this person can't change it; null where they can. */
  refused: string | null;
}

const MUTES = [
  { value: '3600', label: '1 h' },
  { value: '28800', label: '8 h' },
  { value: '86400', label: '1 d' },
  { value: '604800', label: '7 d' },
  { value: '2592000', label: '30 d' },
];

/** Owner, note and mute of a failure. */
export function FailureNotes({ failure, title, refused }: FailureNotesProps): ReactNode {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const save = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string): string => {
      const value = form.get(name);
      return typeof value === 'string' ? value : '';
    };
    const mute = text('mute');
    setBusy(true);
    setProblem(null);
    try {
      await callApi('PATCH', `/api/v1/failures/${encodeURIComponent(failure.id)}`, {
        owner: text('owner'),
        note: text('note'),
        ...(mute === 'keep' ? {} : { mutedUntil: mute === 'none' ? null : new Date(Date.now() + Number(mute) * 1_000).toISOString() }),
      });
      setOpen(false);
      router.refresh();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button small look="quiet" disabledReason={refused} aria-label={`Edit… owner, note and mute of ${title}`} onClick={() => setOpen(true)}>
        Edit…
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={`Edit ${title}`}
        description="A muted failure is folded away and calls nobody; its dead letters are still read and counted."
        actions={
          <Button look="primary" type="submit" form={`failure-${failure.id}`} busy={busy}>
            Save
          </Button>
        }
      >
        {problem ? <ProblemState title="Nothing was changed">{problem}</ProblemState> : null}
        <form id={`failure-${failure.id}`} onSubmit={(event) => void save(event)} className="flex flex-col gap-4">
          <TextField label="Owner" name="owner" maxLength={100} defaultValue={failure.owner ?? ''} hint="A person or a team" />
          <TextArea label="Note" name="note" maxLength={2_000} defaultValue={failure.note ?? ''} hint="What is known: the cause, the ticket, what to do" />
          <SelectField label="Mute" name="mute" defaultValue="keep" options={[{ value: 'keep', label: failure.muted ? 'Stays muted' : 'Not muted' }, ...(failure.muted ? [{ value: 'none', label: 'End the mute' }] : []), ...MUTES.map(({ value, label }) => ({ value, label: `For ${label}` }))]} />
        </form>
      </Dialog>
    </>
  );
}
