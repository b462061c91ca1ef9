'use client';

import { createContext, useMemo, useState, type ReactNode } from 'react';

/** Where a reader is on a chart. */
export interface Cursor {
  /** Moment under the cursor, ms since 1970. */
  at: number | null;
  /** The other end of what is being selected. */
  anchor: number | null;
}

export const NO_CURSOR: Cursor = { at: null, anchor: null };

export const SharedCursor = createContext<readonly [Cursor, (cursor: Cursor) => void] | null>(null);

/** Charts inside it move their cursors together. */
export function ChartGroup({ children }: { children: ReactNode }): ReactNode {
  const [cursor, setCursor] = useState<Cursor>(NO_CURSOR);
  const value = useMemo(() => [cursor, setCursor] as const, [cursor]);
  return <SharedCursor value={value}>{children}</SharedCursor>;
}
