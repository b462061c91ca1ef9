import Link from 'next/link';
import type { ReactNode } from 'react';
import { formatNoun } from '#components/format.ts';
import { links } from '#components/links.ts';
import { ProblemState } from '#components/problem-state.tsx';

const SHOWN = 5;

/** Rules that replayed a failure by themselves and stopped: each waits for a person. */
export function StoppedRules({ rules }: { rules: readonly { failureId: string; errorClass: string | null; stoppedWhy: string | null }[] }): ReactNode {
  if (rules.length === 0) return null;
  return (
    <ProblemState severity="warning" title={`${formatNoun(rules.length, 'rule')} that replayed by ${rules.length === 1 ? 'itself' : 'themselves'} stopped`}>
      <ul>
        {rules.slice(0, SHOWN).map((rule) => (
          <li key={rule.failureId}>
            <Link href={links.failure(rule.failureId)} prefetch={false} className="text-accent-ink underline underline-offset-2">
              {rule.errorClass?.split('.').at(-1) ?? 'Error without a class'}
            </Link>
            : {rule.stoppedWhy}
          </li>
        ))}
      </ul>
      {rules.length > SHOWN ? <p>and {formatNoun(rules.length - SHOWN, 'more rule')}.</p> : null}
    </ProblemState>
  );
}
