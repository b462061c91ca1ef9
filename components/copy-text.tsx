'use client';

import { useRef, type ReactNode } from 'react';
import { Button } from './button.tsx';
import { COPY_BY_HAND, useClipboard } from './use-clipboard.ts';

/** A secret that is shown once, or lines for a file: to be copied by the button, or by hand where the browser keeps the clipboard. */
export function CopyText({ text, action, label, lines = false }: { text: string; action: string; label: string; lines?: boolean }): ReactNode {
  const shown = useRef<HTMLElement>(null);
  const { copied, copy } = useClipboard();
  const look = `w-full rounded-md border border-line bg-sunken p-3 select-all ${lines ? 'scroll-x font-mono text-xs' : 'break-all'}`;
  const select = () => {
    if (shown.current) window.getSelection()?.selectAllChildren(shown.current);
  };
  return (
    <div className="flex flex-col items-start gap-2">
      {lines ? (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls sideways, so a keyboard must reach it
        <section ref={shown} tabIndex={0} aria-label={label} className={look}>
          <pre>{text}</pre>
        </section>
      ) : (
        <code ref={shown} aria-label={label} className={look}>
          {text}
        </code>
      )}
      <div className="flex flex-wrap items-center gap-2">
        <Button small={lines} onClick={() => copy(text, select)}>
          {action}
        </Button>
        <output className="text-xs text-muted">{copied === 'yes' ? 'Copied.' : copied === 'by-hand' ? COPY_BY_HAND : ''}</output>
      </div>
    </div>
  );
}
