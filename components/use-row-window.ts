'use client';

import { useEffect, useState, type RefObject } from 'react';

const OVERSCAN = 12;
/** The server has no window: it paints what a large one would show, so that the first paint has rows in it. */
const SERVER_HEIGHT_PX = 900;

interface RowWindow {
  first: number;
  /** Inclusive; below `first` where there are no rows. */
  last: number;
  /** Brings a row into view, clear of the header. */
  scrollTo: (index: number) => void;
}

/**
 * Which of many rows of one height are in view, and a few around them. Rows of one height need no measuring: this is a
 * division, where a library for rows of any height weighs 10 kB on every screen.
 */
export function useRowWindow({ scroller, count, rowHeightPx, headerPx, enabled }: { scroller: RefObject<HTMLElement | null>; count: number; rowHeightPx: number; headerPx: number; enabled: boolean }): RowWindow {
  const [view, setView] = useState({ first: 0, rows: Math.ceil(SERVER_HEIGHT_PX / rowHeightPx) });
  useEffect(() => {
    const element = scroller.current;
    if (!element || !enabled) return;
    const look = () => {
      const first = Math.floor(element.scrollTop / rowHeightPx);
      const rows = Math.ceil(element.clientHeight / rowHeightPx) + 1;
      setView((before) => (before.first === first && before.rows === rows ? before : { first, rows }));
    };
    look();
    const resized = new ResizeObserver(look);
    resized.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      resized.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, [scroller, enabled, rowHeightPx]);
  const scrollTo = (index: number) => {
    const element = scroller.current;
    if (!element || !enabled) return;
    const top = index * rowHeightPx;
    // Under the header, which stays; and above the lower edge.
    if (top < element.scrollTop) element.scrollTo({ top });
    else if (top + rowHeightPx > element.scrollTop + element.clientHeight - headerPx) element.scrollTo({ top: top + rowHeightPx - element.clientHeight + headerPx });
  };
  if (!enabled) return { first: 0, last: count - 1, scrollTo };
  const first = Math.max(0, Math.min(view.first, count - 1) - OVERSCAN);
  return { first, last: Math.min(count - 1, view.first + view.rows + OVERSCAN), scrollTo };
}
