'use client';

import { useState } from 'react';

/** yes: it lies on the clipboard. by-hand: the browser keeps the clipboard, the text is selected for the person to copy. */
export type Copied = 'yes' | 'by-hand' | null;

/** What to say beside the button. */
export const COPY_BY_HAND = 'The text is selected: press Ctrl-C or ⌘C.';

/** Copies text, where the browser allows it; else has it selected. */
export function useClipboard(): { copied: Copied; copy: (text: string, select: () => void) => void; reset: () => void } {
  const [copied, setCopied] = useState<Copied>(null);
  return {
    copied,
    copy(text, select) {
      const byHand = () => {
        select();
        setCopied('by-hand');
      };
      // Browsers keep the clipboard from pages that came over plain http.
      if (!('clipboard' in navigator)) return byHand();
      navigator.clipboard.writeText(text).then(() => setCopied('yes'), byHand);
    },
    reset: () => setCopied(null),
  };
}
