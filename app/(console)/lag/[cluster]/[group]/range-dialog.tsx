'use client';

import { useState, type ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { Dialog } from '#components/dialog.tsx';
import { MAX_RANGE_MS, MIN_RANGE_MS } from '#components/scope.ts';
import { TextField } from '#components/text-field.tsx';

interface RangeDialogProps {
  fromMs: number;
  toMs: number;
  onClose: () => void;
  onChoose: (range: { from: string; to: string }) => void;
}

/** Any stretch of time, to the minute, in the reader's time zone. */
export function RangeDialog({ fromMs, toMs, onClose, onChoose }: RangeDialogProps): ReactNode {
  const [from, setFrom] = useState(localText(fromMs));
  const [to, setTo] = useState(localText(toMs));
  const [start, end] = [new Date(from).getTime(), new Date(to).getTime()];
  const problem = Number.isNaN(start) || Number.isNaN(end) ? 'Both ends need a date and a time.' : end - start < MIN_RANGE_MS ? 'The end must lie at least two minutes after the start.' : end - start > MAX_RANGE_MS ? 'A chart shows 31 days at most.' : null;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Choose a range"
      description="Charts show this time until you go back to now. The address of the page keeps it."
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form="choose-range" disabledReason={problem}>
            Show this range
          </Button>
        </>
      }
    >
      <form
        id="choose-range"
        className="grid gap-3 sm:grid-cols-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (problem === null) onChoose({ from: new Date(start).toISOString(), to: new Date(end).toISOString() });
        }}
      >
        <TextField label="From" type="datetime-local" value={from} onChange={(event) => setFrom(event.target.value)} />
        <TextField label="To" type="datetime-local" value={to} onChange={(event) => setTo(event.target.value)} />
        {problem ? (
          <p role="alert" className="text-bad-ink sm:col-span-2">
            {problem}
          </p>
        ) : null}
      </form>
    </Dialog>
  );
}

/** What an input of local time wants: 2026-11-21T12:30 */
function localText(ms: number): string {
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
