'use client';

import { useState, type ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { onDemand } from '#components/on-demand.tsx';
import type { ReplaySelection } from '../replays/replay-dialog.tsx';
import type { ArchiveVerb } from './archive-dialog.tsx';

const ArchiveDialog = onDemand(() => import('./archive-dialog.tsx').then((module) => module.ArchiveDialog));

interface ArchiveActionProps {
  verb: ArchiveVerb;
  selection: ReplaySelection;
  /** Records it is about; null: all that match, not counted. */
  count: number | null;
  /** Of these some may be passed over, because a replay holds them. */
  upTo?: boolean;
  label: string;
  /** For screen readers, where several buttons of a screen have one label. */
  spokenLabel?: string;
  disabledReason?: string | null;
  small?: boolean;
}

/** The button that opens the archive dialog: nothing is put aside without a reason. */
export function ArchiveAction({ label, spokenLabel, disabledReason, small = false, ...about }: ArchiveActionProps): ReactNode {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button small={small} disabledReason={disabledReason ?? null} aria-label={spokenLabel} onClick={() => setOpen(true)}>
        {label}
      </Button>
      {open ? <ArchiveDialog {...about} onClose={() => setOpen(false)} /> : null}
    </>
  );
}
