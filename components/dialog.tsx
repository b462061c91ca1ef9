'use client';

import { useState, type ReactNode } from 'react';
import { onDemand } from './on-demand.tsx';

export interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  /** One sentence: the exact effect. */
  description?: ReactNode;
  children?: ReactNode;
  /** Buttons at the end, the main one last. */
  actions?: ReactNode;
  /** "side" is a panel on the right: a peek that leaves the list visible; "bottom" a sheet for small windows. */
  as?: 'center' | 'side' | 'bottom';
  wide?: boolean;
}

// Its focus trap, scroll lock and layers are 15 kB that most visits never need: they come with the first dialog somebody opens.
const DialogPanel = onDemand(() => import('./dialog-panel.tsx').then((module) => module.DialogPanel));

/** A dialog over the page. Escape and the cross close it, focus returns to what opened it. */
export function Dialog(props: DialogProps): ReactNode {
  // Once opened it stays, so that it can close by itself: it gives the focus back only then.
  const [wanted, setWanted] = useState(props.open);
  if (props.open && !wanted) setWanted(true);
  return wanted ? <DialogPanel {...props} /> : null;
}
