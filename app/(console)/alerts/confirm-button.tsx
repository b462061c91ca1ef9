'use client';

import { useState, type ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { callApi } from '#components/call-api.ts';
import { Dialog } from '#components/dialog.tsx';
import { ProblemState } from '#components/problem-state.tsx';
import { useAction } from './use-action.ts';

interface ConfirmButtonProps {
  label: string;
  title: string;
  /** The exact effect. */
  effect: string;
  confirm: string;
  method: 'DELETE' | 'POST' | 'PATCH';
  path: string;
  body?: unknown;
  disabledReason?: string | null;
  onDone?: () => void;
}

/** A button that says what it will do before it does it. */
export function ConfirmButton({ label, title, effect, confirm, method, path, body, disabledReason, onDone }: ConfirmButtonProps): ReactNode {
  const [open, setOpen] = useState(false);
  const { busy, problem, run } = useAction();
  return (
    <>
      <Button small look="quiet" disabledReason={disabledReason} onClick={() => setOpen(true)}>
        {label}
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={title}
        description={effect}
        actions={
          <Button
            look="danger"
            busy={busy}
            onClick={() =>
              void run(() => callApi(method, path, body)).then((done) => {
                if (!done) return;
                setOpen(false);
                onDone?.();
              })
            }
          >
            {confirm}
          </Button>
        }
      >
        {problem ? <ProblemState title="That did not work">{problem}</ProblemState> : null}
      </Dialog>
    </>
  );
}
