'use client';

import { useEffect, type ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { ProblemState } from '#components/problem-state.tsx';

/** What stands where a screen could not be drawn, inside the frame and outside of it. */
export function ErrorScreen({ error, reset }: { error: Error & { digest?: string }; reset: () => void }): ReactNode {
  useEffect(() => {
    console.error(error);
  }, [error]);
  return (
    <div className="max-w-2xl px-4 py-8">
      <h1 className="mb-3 text-xl font-semibold tracking-tight">This screen could not be drawn</h1>
      <ProblemState title="Something went wrong while reading its figures" id={error.digest} actions={<Button onClick={reset}>Try again</Button>}>
        The other screens may still work. If it stays, check that the database answers (<code>npm run doctor</code>); the log of the web process has the cause.
      </ProblemState>
    </div>
  );
}
