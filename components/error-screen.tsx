'use client';

import { useEffect, type ReactNode } from 'react';
import { buttonLook } from './button-look.ts';

/**
 * What stands where a screen could not be drawn, inside the frame and outside of it. It is part of every screen's bundle, so it is made of
 * plain elements: it also works where a component is what failed.
 */
export function ErrorScreen({ error, reset }: { error: Error & { digest?: string }; reset: () => void }): ReactNode {
  useEffect(() => {
    console.error(error);
  }, [error]);
  return (
    <div className="max-w-2xl px-4 py-8">
      <h1 className="mb-3 text-xl font-semibold tracking-tight">This screen could not be drawn</h1>
      <div role="alert" className="rounded-md border border-bad/40 bg-bad-soft px-4 py-3">
        <p className="font-medium text-bad-ink">Something went wrong while reading its figures</p>
        <p className="mt-0.5">
          The other screens may still work. If it stays, check that the database answers (<code>npm run doctor</code>); the log of the web process has the cause.
        </p>
        <button type="button" onClick={reset} className={buttonLook('plain', { extra: 'mt-2' })}>
          Try again
        </button>
        {error.digest ? <p className="mt-1 text-xs text-muted">id {error.digest}</p> : null}
      </div>
    </div>
  );
}
