'use client';

import { useRef, type ReactNode } from 'react';
import { Button } from './button.tsx';
import type { ApiError } from './call-api.ts';
import { Dialog } from './dialog.tsx';
import { ProblemState } from './problem-state.tsx';
import { COPY_BY_HAND, useClipboard } from './use-clipboard.ts';

interface CopyDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description: string;
  /** Of the field. */
  label: string;
  /** Says what is copied: "Copy the summary". */
  action: string;
  /** null while it is being made. */
  text: string | null;
  waiting?: string;
  problem?: { title: string; error: ApiError } | null;
}

/** A text for a ticket or a chat: shown, so that it can be read first, and copied where the browser allows it. */
export function CopyDialog({ open, onOpenChange, title, description, label, action, text, waiting, problem = null }: CopyDialogProps): ReactNode {
  const { copied, copy, reset } = useClipboard();
  const field = useRef<HTMLTextAreaElement>(null);

  return (
    <Dialog
      open={open}
      onOpenChange={(next) => {
        reset();
        onOpenChange(next);
      }}
      wide
      title={title}
      description={description}
      actions={
        <>
          <output className="mr-auto self-center text-xs text-muted">{copied === 'yes' ? 'Copied.' : copied === 'by-hand' ? COPY_BY_HAND : ''}</output>
          <Button onClick={() => onOpenChange(false)}>Close</Button>
          <Button look="primary" disabledReason={text === null ? 'There is nothing to copy yet.' : null} onClick={() => copy(text ?? '', () => field.current?.select())}>
            {action}
          </Button>
        </>
      }
    >
      {problem ? <ProblemState title={problem.title} id={problem.error.id}>{problem.error.message}</ProblemState> : null}
      {text === null && problem === null && waiting ? <p className="text-muted">{waiting}</p> : null}
      {text === null ? null : <textarea ref={field} readOnly aria-label={label} rows={Math.min(24, text.split('\n').length + 2)} value={text} className="w-full rounded-md border border-line bg-sunken p-3 font-mono text-xs" />}
    </Dialog>
  );
}
