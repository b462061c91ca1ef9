import Link from 'next/link';
import type { ReactNode } from 'react';
import { links } from '#components/links.ts';
import { StateChip } from '#components/state-chip.tsx';
import type { PathJudgementWire } from '#lib/operations/expected-path-wire.ts';

/** How the journey stands to the usual path of its type, in a sentence. */
export function UsualLine({ usual }: { usual: PathJudgementWire }): ReactNode {
  const [state, label] = usual.missing.length > 0 ? ['failed', 'misses a hop'] : usual.extra.length > 0 || usual.slow.length > 0 ? ['warning', 'unusual'] : usual.awaited.length > 0 ? ['in-flight', 'on its way'] : ['ok', 'as usual'];
  return (
    <div className="mb-4 flex items-start gap-2">
      <span className="shrink-0">
        <StateChip state={state!} label={label!} />
      </span>
      <p className="min-w-0 [overflow-wrap:anywhere]">
        {usual.words}{' '}
        <Link prefetch={false} href={links.usualPath(usual.entryType)} className="text-xs text-accent-ink hover:underline">
          Usual path of {usual.entryType}
        </Link>
      </p>
    </div>
  );
}
