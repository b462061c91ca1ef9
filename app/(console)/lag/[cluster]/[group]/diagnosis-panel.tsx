import { ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { formatNoun } from '#components/format.ts';
import { Section } from '#components/page-header.tsx';
import { StateDot, type Tone } from '#components/state-chip.tsx';
import type { GroupDetail } from '#lib/operations/group-detail-shape.ts';

/** What explains a quiet group is no fault of it. */
const EXPLAINS_ONLY = 0.3;

/** Likely causes, the best supported open: what the evidence is and what to do next. Nothing where the group is well and nothing is to be said. */
export function DiagnosisPanel({ group }: { group: GroupDetail }): ReactNode {
  const causes = group.diagnosis;
  const well = group.status === 'ok' || group.status === 'empty';
  if (causes.length === 0) {
    if (well || group.stale) return null;
    return (
      <Section title="Likely causes">
        <p className="panel p-4 text-muted">
          No cause is supported by what Waybill knows of {group.group}.{group.attempts === null ? ' Spans of its consumers would show how long a record takes and which ones fail.' : ''}
        </p>
      </Section>
    );
  }
  return (
    <Section title={causes.every((cause) => cause.weight < EXPLAINS_ONLY) ? 'Worth knowing' : causes.length === 1 ? 'Likely cause' : 'Likely causes'} aside={causes.length > 1 ? `${formatNoun(causes.length, 'cause')}, the best supported first` : undefined}>
      <ol className="panel divide-y divide-line">
        {causes.map((cause, i) => (
          <li key={`${cause.kind} ${cause.headline}`}>
            <details open={i === 0} className="group">
              <summary className="flex cursor-pointer list-none items-start gap-2.5 px-4 py-2.5 [&::-webkit-details-marker]:hidden">
                <ChevronRight aria-hidden size={14} className="mt-[3px] shrink-0 text-muted transition-transform group-open:rotate-90 motion-reduce:transition-none" />
                <span className="mt-1.5 flex shrink-0">
                  <StateDot state={cause.kind} tone={toneOfWeight(cause.weight)} />
                </span>
                <span className="min-w-0 font-medium text-pretty [overflow-wrap:anywhere]">{cause.headline}</span>
              </summary>
              <div className="grid gap-2 pr-4 pb-3.5 pl-[46px] [overflow-wrap:anywhere]">
                {cause.evidence.length > 0 ? (
                  <ul className="max-w-4xl list-disc space-y-0.5 pl-4 text-muted">
                    {cause.evidence.map((fact) => (
                      <li key={fact}>{fact}</li>
                    ))}
                  </ul>
                ) : null}
                <p className="max-w-4xl">
                  <span className="font-medium">Next: </span>
                  {cause.nextStep}
                </p>
              </div>
            </details>
          </li>
        ))}
      </ol>
    </Section>
  );
}

function toneOfWeight(weight: number): Tone {
  if (weight >= 0.8) return 'bad';
  return weight >= EXPLAINS_ONLY ? 'behind' : 'neutral';
}
