'use client';

import { useState, type ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { ReplayDialog, type ReplaySelection } from '../replays/replay-dialog.tsx';

export type { ReplaySelection };

interface ReplayActionProps {
  selection: ReplaySelection;
  /** "Replay 214 records…" */
  label: string;
  disabledReason?: string | null;
  small?: boolean;
}

/** The button that opens the replay dialog: it never sends by itself. */
export function ReplayAction({ selection, label, disabledReason, small = false }: ReplayActionProps): ReactNode {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button look="primary" small={small} disabledReason={disabledReason} onClick={() => setOpen(true)}>
        {label}
      </Button>
      <ReplayDialog open={open} onOpenChange={setOpen} selection={selection} />
    </>
  );
}
