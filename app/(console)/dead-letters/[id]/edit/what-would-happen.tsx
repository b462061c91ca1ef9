import type { ReactNode } from 'react';
import { ProblemState } from '#components/problem-state.tsx';
import type { WireDryRun } from '#lib/operations/replay-wire.ts';
import { DryRunFacts } from '../../../replays/dry-run-facts.tsx';

interface WhatWouldHappenProps {
  run: WireDryRun | null;
  looking: boolean;
  overrideParked: boolean;
  onOverrideParked: (value: boolean) => void;
}

/** The dry run of one edited record: where it would go, who would see it, which headers go and come, what to know before. */
export function WhatWouldHappen({ run, looking, overrideParked, onOverrideParked }: WhatWouldHappenProps): ReactNode {
  const parked = overrideParked || (run?.refusalCounts['parked'] ?? 0) > 0;
  return (
    <div className="mb-3" aria-busy={looking}>
      {run === null ? (
        looking ? <p className="text-muted">Asking the broker what would happen…</p> : null
      ) : (
        <>
          {run.refusals.map((one) => (
            <ProblemState key={one.code} title="It cannot be sent">
              {one.text}
            </ProblemState>
          ))}
          {run.modeReason ? (
            <ProblemState title="Exactly once is not possible with the rights Waybill has">{run.modeReason} Grant Write and Describe on the transactional id and Read on the group, both with the prefix waybill-replay-, or send without transactions: after a crash a record can appear twice.</ProblemState>
          ) : null}
          {run.awaitsApproval ? <ProblemState severity="warning" title="A second person has to approve this before anything is sent. It lapses where nobody does in time." /> : null}
          {run.warnings.map((warning) => (
            <ProblemState key={warning} severity="warning" title={warning} />
          ))}
          <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-3 gap-y-1 [overflow-wrap:anywhere]">
            <dt className="text-muted">Goes to</dt>
            <dd>{run.destinations.map((one) => `${one.topic} partition ${one.partition}`).join(', ') || '-'}</dd>
            <DryRunFacts run={run} />
          </dl>
        </>
      )}
      {parked ? (
        <label className="mt-2 flex items-start gap-2">
          <input type="checkbox" className="mt-1" checked={overrideParked} onChange={(event) => onOverrideParked(event.target.checked)} />
          Send it although it is parked: it failed after three replays
        </label>
      ) : null}
    </div>
  );
}
