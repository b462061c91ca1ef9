'use client';

import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { callApi, type ApiError } from '#components/call-api.ts';
import { Dialog } from '#components/dialog.tsx';
import { ProblemState } from '#components/problem-state.tsx';

/** The replay as text for a ticket or a chat: shown, so that it can be read first, and copied where the browser allows it. */
export function Summary({ replayId }: { replayId: string }): ReactNode {
  const [open, setOpen] = useState(false);
  const [text, setText] = useState<string | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [copied, setCopied] = useState<'yes' | 'by-hand' | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);

  useEffect(() => {
    if (!open) return;
    const stop = new AbortController();
    callApi<{ text: string }>('GET', `/api/v1/replays/${replayId}/summary`, undefined, { signal: stop.signal }).then(
      (answer) => setText(answer.text),
      (problem: unknown) => !stop.signal.aborted && setError(problem as ApiError),
    );
    return () => stop.abort();
  }, [open, replayId]);

  function copy(): void {
    const byHand = () => {
      field.current?.select();
      setCopied('by-hand');
    };
    // Browsers keep the clipboard from pages that came over plain http.
    if (!('clipboard' in navigator)) return byHand();
    navigator.clipboard.writeText(text ?? '').then(() => setCopied('yes'), byHand);
  }

  return (
    <>
      <Button
        onClick={() => {
          setText(null);
          setError(null);
          setCopied(null);
          setOpen(true);
        }}
      >
        Summary…
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        wide
        title="Summary of this replay"
        description="For a ticket or a chat, as of now."
        actions={
          <>
            <output className="mr-auto self-center text-xs text-muted">
              {copied === 'yes' ? 'Copied.' : copied === 'by-hand' ? 'The text is selected: press Ctrl-C or ⌘C.' : ''}
            </output>
            <Button onClick={() => setOpen(false)}>Close</Button>
            <Button look="primary" disabledReason={text === null ? 'There is nothing to copy yet.' : null} onClick={copy}>
              Copy the summary
            </Button>
          </>
        }
      >
        {error ? <ProblemState title="The summary could not be made" id={error.id}>{error.message}</ProblemState> : null}
        {text === null && error === null ? <p className="text-muted">Counting what became of each record…</p> : null}
        {text === null ? null : <textarea ref={field} readOnly aria-label="Summary" rows={Math.min(24, text.split('\n').length + 2)} value={text} className="w-full rounded-md border border-line bg-sunken p-3 font-mono text-xs" />}
      </Dialog>
    </>
  );
}
