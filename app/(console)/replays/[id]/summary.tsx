'use client';

import { useEffect, useState, type ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { callApi, type ApiError } from '#components/call-api.ts';
import { CopyDialog } from '#components/copy-dialog.tsx';

/** The replay as text for a ticket or a chat. */
export function Summary({ replayId }: { replayId: string }): ReactNode {
  const [open, setOpen] = useState(false);
  const [text, setText] = useState<string | null>(null);
  const [error, setError] = useState<ApiError | null>(null);

  useEffect(() => {
    if (!open) return;
    const stop = new AbortController();
    callApi<{ text: string }>('GET', `/api/v1/replays/${replayId}/summary`, undefined, { signal: stop.signal }).then(
      (answer) => setText(answer.text),
      (problem: unknown) => !stop.signal.aborted && setError(problem as ApiError),
    );
    return () => stop.abort();
  }, [open, replayId]);

  return (
    <>
      <Button
        onClick={() => {
          setText(null);
          setError(null);
          setOpen(true);
        }}
      >
        Summary…
      </Button>
      <CopyDialog
        open={open}
        onOpenChange={setOpen}
        title="Summary of this replay"
        description="For a ticket or a chat, as of now."
        label="Summary"
        action="Copy the summary"
        text={text}
        waiting="Counting what became of each record…"
        problem={error ? { title: 'The summary could not be made', error } : null}
      />
    </>
  );
}
