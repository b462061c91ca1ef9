import type { ReactNode } from 'react';
import type { WireDryRun } from '#lib/operations/replay-wire.ts';

/** Who would see what is sent, and what becomes of its headers: rows of a description list. */
export function DryRunFacts({ run }: { run: WireDryRun }): ReactNode {
  return (
    <>
      <dt className="text-muted">Seen by</dt>
      <dd>{run.targets.length === 0 ? '-' : run.groups.length === 0 ? 'no group commits on the target: nobody may read it' : run.groups.map((one) => one.group).join(', ')}</dd>
      <dt className="text-muted">Headers removed</dt>
      <dd>{run.headersRemoved.join(', ') || 'none'}</dd>
      <dt className="text-muted">Headers added</dt>
      <dd>{run.headersAdded.join(', ') || 'none'}</dd>
    </>
  );
}
