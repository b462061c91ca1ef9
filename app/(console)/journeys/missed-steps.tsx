import Link from 'next/link';
import type { ReactNode } from 'react';
import { formatNoun } from '#components/format.ts';
import { links } from '#components/links.ts';
import { Section } from '#components/page-header.tsx';
import type { MissedStepWire } from '#lib/operations/list-missed-steps.ts';

/** "12 events of carts never reached notification-service on stock", each leading to its list. */
export function MissedSteps({ steps, withinSeconds }: { steps: readonly MissedStepWire[]; withinSeconds: number }): ReactNode {
  if (steps.length === 0) return null;
  return (
    <Section title="Hops that never came" aside="in the last hour, by the usual path of each type">
      <ul aria-label="Hops that never came" className="panel divide-y divide-line">
        {steps.map((step) => (
          <li key={`${step.entryType} ${step.step}`}>
            <Link href={links.missingHop(step.entryType, step.step, withinSeconds)} prefetch={false} className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-0.5 px-4 py-2 outline-offset-[-2px] hover:bg-hover">
              <span className="min-w-0 [overflow-wrap:anywhere]">
                <strong className="font-medium">{formatNoun(step.journeys, 'event')}</strong> of {step.entryType} never reached <strong className="font-medium">{step.text}</strong>
              </span>
              <span className="text-accent-ink">Open list</span>
            </Link>
          </li>
        ))}
      </ul>
    </Section>
  );
}
