'use client';

import { Link as LinkIcon } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import { Button } from '#components/button.tsx';

/** Copies the address of the page as it is, open hop and tab included. */
export function CopyLink(): ReactNode {
  const [state, setState] = useState<'ready' | 'copied' | 'refused'>('ready');
  useEffect(() => {
    if (state === 'ready') return;
    const timer = setTimeout(() => setState('ready'), 2_000);
    return () => clearTimeout(timer);
  }, [state]);
  return (
    <Button
      onClick={() => {
        // Browsers keep the clipboard from pages that came over plain http.
        if (!('clipboard' in navigator)) return setState('refused');
        navigator.clipboard.writeText(window.location.href).then(
          () => setState('copied'),
          () => setState('refused'),
        );
      }}
    >
      <LinkIcon aria-hidden size={14} />
      <span aria-live="polite">{state === 'copied' ? 'Link copied' : state === 'refused' ? 'Copy it from the address bar' : 'Copy link'}</span>
    </Button>
  );
}
