'use client';

import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import type { DialogProps } from './dialog.tsx';

/** What a dialog is made of; loaded by dialog.tsx when one first opens. */
export function DialogPanel({ open, onOpenChange, title, description, children, actions, as = 'center', wide = false }: DialogProps): ReactNode {
  const place =
    as === 'side'
      ? 'inset-y-0 right-0 w-full max-w-xl border-l'
      : as === 'bottom'
        ? 'inset-x-0 bottom-0 max-h-[85dvh] rounded-t-xl border-t'
        : `left-1/2 top-[8vh] max-h-[84vh] w-[calc(100%-1.5rem)] -translate-x-1/2 rounded-md border ${wide ? 'max-w-4xl' : 'max-w-lg'}`;
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-black/40" />
        <Radix.Content className={`fixed z-50 flex flex-col border-line bg-raised shadow-2xl ${place}`} {...(description ? {} : { 'aria-describedby': undefined })}>
          <div className="flex items-start justify-between gap-4 border-b border-line px-5 py-3">
            <div className="min-w-0">
              <Radix.Title className="text-lg font-semibold [overflow-wrap:anywhere]">{title}</Radix.Title>
              {description ? <Radix.Description className="mt-0.5 text-muted">{description}</Radix.Description> : null}
            </div>
            <Radix.Close aria-label="Close" className="-mr-1 rounded-md p-1 text-muted hover:bg-hover hover:text-ink">
              <X aria-hidden size={16} />
            </Radix.Close>
          </div>
          {/* Focusable because it may scroll: a keyboard must reach what is below the fold. */}
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
          <section tabIndex={0} aria-label="Content of the dialog" className="min-h-0 flex-1 overflow-y-auto px-5 py-4 outline-offset-[-2px]">
            {children}
          </section>
          {actions ? <div className="flex flex-wrap justify-end gap-2 border-t border-line px-5 py-3">{actions}</div> : null}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
