'use client';

import { useRouter } from 'next/navigation';
import { useState, type ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { callApi } from '#components/call-api.ts';
import { Dialog } from '#components/dialog.tsx';
import { ProblemState } from '#components/problem-state.tsx';

interface EndButtonProps {
  /** "Revoke", "End" */
  label: string;
  /** What the dialog asks, and what will happen. */
  title: string;
  effect: string;
  confirm: string;
  path: string;
}

/** Ends a token or a session, after saying what that does. */
export function EndButton({ label, title, effect, confirm, path }: EndButtonProps): ReactNode {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const end = async () => {
    setBusy(true);
    setProblem(null);
    try {
      await callApi('DELETE', path);
      setOpen(false);
      router.refresh();
    } catch (error) {
      setProblem((error as Error).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button small look="quiet" onClick={() => setOpen(true)}>
        {label}
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={title}
        description={effect}
        actions={
          <Button look="danger" busy={busy} onClick={() => void end()}>
            {confirm}
          </Button>
        }
      >
        {problem ? <ProblemState title="That did not work">{problem}</ProblemState> : null}
      </Dialog>
    </>
  );
}
