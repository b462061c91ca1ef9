'use client';

import { useEffect, useState, type ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { onDemand } from '#components/on-demand.tsx';
import type { ReplaySelection } from '../replays/replay-dialog.tsx';

// Most visits look and do not replay: the dialog is loaded when it is asked for.
const ReplayDialog = onDemand(() => import('../replays/replay-dialog.tsx').then((module) => module.ReplayDialog));

interface ReplayActionProps {
  selection: ReplaySelection;
  /** "Replay 214 records…" */
  label: string;
  disabledReason?: string | null;
  small?: boolean;
  /** R opens it too: for the one main replay of a screen. */
  withKey?: boolean;
}

/** The button that opens the replay dialog: it never sends by itself. */
export function ReplayAction({ selection, label, disabledReason, small = false, withKey = false }: ReplayActionProps): ReactNode {
  const [open, setOpen] = useState(false);
  const listens = withKey && !disabledReason;
  useEffect(() => {
    if (!listens) return;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== 'r' || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if ((event.target as HTMLElement).closest('input:not([type=checkbox]),textarea,select,[contenteditable="true"],[role="dialog"],[role="menu"]')) return;
      event.preventDefault();
      setOpen(true);
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [listens]);
  return (
    <>
      <Button
        look="primary"
        small={small}
        disabledReason={disabledReason ?? null}
        aria-keyshortcuts={withKey ? 'r' : undefined}
        onClick={() => setOpen(true)}
      >
        {label}
      </Button>
      {open ? <ReplayDialog open onOpenChange={setOpen} selection={selection} /> : null}
    </>
  );
}
