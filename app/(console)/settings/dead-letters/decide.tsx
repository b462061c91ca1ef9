'use client';

import type { ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { callApi } from '#components/call-api.ts';
import { useAction } from '../../alerts/use-action.ts';

interface DecideProps {
  cluster: string;
  topic: string;
  state: 'proposed' | 'taken' | 'ignored';
  /** What it holds, as its records and its name say. */
  role: 'dead-letter' | 'retry';
  /** Why this person may not. */
  refused: string | null;
}

/** Takes a topic in, ignores it, or takes that back; one click each. */
export function Decide({ cluster, topic, state, role, refused }: DecideProps): ReactNode {
  const { busy, problem, run } = useAction();
  const decide = (decision: 'take' | 'ignore' | 'undecide', as?: 'dead-letter' | 'retry') => void run(() => callApi('POST', '/api/v1/dead-letters/topics', { cluster, topic, decision, ...(as ? { role: as } : {}) }));
  const other = role === 'retry' ? 'dead-letter' : 'retry';
  const words = { 'dead-letter': 'dead letters', retry: 'retries' } as const;
  return (
    <div className={`flex flex-wrap items-center gap-2 ${state === 'proposed' ? 'mt-auto pt-1' : 'justify-end'}`}>
      {state === 'proposed' ? (
        <>
          <Button small look="primary" busy={busy} disabledReason={refused} onClick={() => decide('take', role)}>
            Read it as {words[role]}
          </Button>
          <Button small busy={busy} disabledReason={refused} onClick={() => decide('take', other)}>
            As {words[other]}
          </Button>
          <Button small look="quiet" busy={busy} disabledReason={refused} onClick={() => decide('ignore')}>
            Ignore it
          </Button>
        </>
      ) : (
        <Button small look="quiet" busy={busy} disabledReason={refused} onClick={() => decide(state === 'taken' ? 'ignore' : 'undecide')}>
          {state === 'taken' ? 'Stop reading it' : 'Propose it again'}
        </Button>
      )}
      {problem ? (
        <p role="alert" className="w-full text-xs text-bad-ink">
          {problem}
        </p>
      ) : null}
    </div>
  );
}
