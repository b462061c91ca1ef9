'use client';

import { useState, type FormEvent, type ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { callApi } from '#components/call-api.ts';
import { Dialog } from '#components/dialog.tsx';
import { ProblemState } from '#components/problem-state.tsx';
import { SelectField, TextArea } from '#components/text-field.tsx';
import { useAction } from '../../alerts/use-action.ts';

const MUTES = [
  { value: '86400', label: '1 d' },
  { value: '604800', label: '7 d' },
  { value: '2592000', label: '30 d' },
  { value: '7776000', label: '90 d' },
  { value: '31536000', label: '1 year' },
];

interface MuteActionProps {
  id: string;
  title: string;
  muted: boolean;
  /** Why this person may not; null where they may. */
  barred: string | null;
}

/** Folds a finding away for a time, with the reason, or shows it again. */
export function MuteAction({ id, title, muted, barred }: MuteActionProps): ReactNode {
  const [open, setOpen] = useState(false);
  const { busy, problem, clear, run } = useAction();
  const path = `/api/v1/hygiene/${encodeURIComponent(id)}`;
  const mute = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string): string => {
      const value = form.get(name);
      return typeof value === 'string' ? value : '';
    };
    const done = await run(() => callApi('POST', `${path}/mute`, { reason: text('reason'), until: new Date(Date.now() + Number(text('for')) * 1_000).toISOString() }));
    if (done) setOpen(false);
  };
  return (
    <>
      {muted ? (
        <Button disabledReason={barred} busy={busy} onClick={() => void run(() => callApi('POST', `${path}/unmute`))}>
          End the mute
        </Button>
      ) : null}
      <Button
        disabledReason={barred}
        onClick={() => {
          clear();
          setOpen(true);
        }}
      >
        {muted ? 'Change the mute…' : 'Mute…'}
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={`Mute ${title}`}
        description="It is folded away and no alert tells of it until then. It goes on being looked for, and the audit trail keeps who muted it and why."
        actions={
          <Button look="primary" type="submit" form="mute-finding" busy={busy}>
            Mute this finding
          </Button>
        }
      >
        {problem ? <ProblemState title="Nothing was muted">{problem}</ProblemState> : null}
        <form id="mute-finding" onSubmit={(event) => void mute(event)} className="flex flex-col gap-4">
          <SelectField label="For" name="for" defaultValue="604800" options={MUTES} />
          <TextArea label="Reason" name="reason" required maxLength={1_000} hint="Why it is all right for now: the ticket, the person who knows" />
        </form>
      </Dialog>
      {problem && !open ? (
        <p role="alert" className="text-xs text-bad-ink">
          {problem}
        </p>
      ) : null}
    </>
  );
}
