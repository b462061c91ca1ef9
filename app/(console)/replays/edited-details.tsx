'use client';

import { useState, type ReactNode } from 'react';
import { EditDifference } from './edit-difference.tsx';

/** That a replay sent edited bytes, and on demand which. */
export function EditedDetails({ replayId, changed }: { replayId: string; changed: readonly string[] }): ReactNode {
  const [opened, setOpened] = useState(false);
  return (
    <details className="basis-full" onToggle={(event) => event.currentTarget.open && setOpened(true)}>
      <summary className="cursor-pointer text-replayed-ink">Sent with {changed.join(', ')} edited: show the difference</summary>
      <div className="mt-2">{opened ? <EditDifference replayId={replayId} /> : null}</div>
    </details>
  );
}
