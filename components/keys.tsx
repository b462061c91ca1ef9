'use client';

import { useRouter } from 'next/navigation';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Dialog } from './dialog.tsx';
import { links } from './links.ts';
import { onDemand } from './on-demand.tsx';

const Palette = onDemand(() => import('./palette.tsx').then((module) => module.Palette));

const GO: Record<string, string> = { o: links.overview(), l: links.lag(), j: links.journeys(), d: links.deadLetters(), r: links.replays(), a: links.alerts(), t: links.topics(), m: links.map(), h: links.hygiene(), s: links.settings() };

const HELP: readonly [string, string][] = [
  ['/ or Ctrl K', 'search or jump to'],
  ['g then o l j d r a t m h s', 'go to overview, lag, journeys, dead letters, replays, alerts, topics, map, hygiene, settings'],
  ['↓ ↑ or j k', 'next, previous row'],
  ['Enter', 'open the row'],
  ['Space', 'peek at the row, or select it'],
  ['x, Shift x', 'select the row, select up to here'],
  ['Home End Page↑ Page↓', 'first, last row, a page up or down'],
  ['Esc', 'close what lies on top'],
  ['?', 'this list'],
];

interface KeysProps {
  paletteOpen: boolean;
  onPalette: (open: boolean) => void;
  clusters: readonly string[];
}

/** The keys that work on every screen. */
export function Keys({ paletteOpen, onPalette, clusters }: KeysProps): ReactNode {
  const router = useRouter();
  const [helpOpen, setHelpOpen] = useState(false);
  const goUntil = useRef(0);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        onPalette(true);
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      // Letters typed into a field, or while a dialog is open, are not commands.
      if (target.closest('input,textarea,select,[contenteditable="true"],[role="dialog"],[role="menu"]')) return;
      const place = GO[event.key];
      if (goUntil.current > Date.now() && place) {
        goUntil.current = 0;
        event.preventDefault();
        event.stopImmediatePropagation();
        router.push(place);
      } else if (event.key === 'g') goUntil.current = Date.now() + 1_500;
      else if (event.key === '/') {
        event.preventDefault();
        onPalette(true);
      } else if (event.key === '?') setHelpOpen(true);
    };
    // Before the rows of a table, where j means the next row: "g j" goes to the journeys.
    window.addEventListener('keydown', onKeyDown, { capture: true });
    return () => window.removeEventListener('keydown', onKeyDown, { capture: true });
  }, [router, onPalette]);
  return (
    <>
      {paletteOpen ? <Palette open onOpenChange={onPalette} clusters={clusters} /> : null}
      <Dialog open={helpOpen} onOpenChange={setHelpOpen} title="Keys">
        <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-5 gap-y-2">
          {HELP.map(([keys, what]) => (
            <div key={keys} className="contents">
              <dt>
                <kbd className="rounded-sm border border-line bg-sunken px-1.5 py-0.5">{keys}</kbd>
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
      </Dialog>
    </>
  );
}
