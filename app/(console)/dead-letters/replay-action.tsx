'use client';

import type { ReactNode } from 'react';
import { Button } from '#components/button.tsx';

export type ReplaySelection = { ids: string[] } | { filter: Record<string, string> };

interface ReplayActionProps {
  selection: ReplaySelection;
  /** "Replay 214 records…" */
  label: string;
  disabledReason?: string | null;
  small?: boolean;
}

/** The button that opens the replay dialog: it never sends by itself. */
export function ReplayAction({ label, disabledReason, small = false }: ReplayActionProps): ReactNode {
  return (
    <Button look="primary" small={small} disabledReason={disabledReason ?? 'Replay is not part of this build.'}>
      {label}
    </Button>
  );
}
