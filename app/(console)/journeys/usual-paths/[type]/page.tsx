import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import type { ReactNode } from 'react';
import { pageContext } from '#app/page-context.ts';
import { formatDuration, formatNoun } from '#components/format.ts';
import { LinkButton } from '#components/link-button.tsx';
import { links } from '#components/links.ts';
import { LiveRefresh } from '#components/live.tsx';
import { PageHeader, Section } from '#components/page-header.tsx';
import { ProblemState } from '#components/problem-state.tsx';
import { RelativeTime } from '#components/relative-time.tsx';
import { StateChip } from '#components/state-chip.tsx';
import { WaybillError } from '#lib/errors.ts';
import { stepTextOf } from '#lib/journey/describe-path.ts';
import { allows } from '#lib/model/access.ts';
import type { ExpectedPathWire } from '#lib/operations/expected-path-wire.ts';
import { getExpectedPath } from '#lib/operations/get-expected-path.ts';
import { JourneysTabs } from '../../journeys-tabs.tsx';
import { StepsTable } from './steps-table.tsx';

interface Props {
  params: Promise<{ type: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `${decodeURIComponent((await params).type)}: usual path` };
}

/** What events that begin on one topic usually do: steps, branches, times, versions. */
export default async function UsualPathPage({ params }: Props): Promise<ReactNode> {
  const { store, now, principal } = await pageContext('viewer');
  const entryType = decodeURIComponent((await params).type);
  const path = await getExpectedPath(store, { entryType, now }).catch((error: unknown) => {
    if (error instanceof WaybillError && error.status === 404) notFound();
    throw error;
  });
  const missing = path.lastHour?.missing ?? 0;
  return (
    <>
      <LiveRefresh kinds={['journeys']} everyMs={5_000} />
      <JourneysTabs />
      <PageHeader
        title={`Usual path of ${path.entryType}`}
        state={path.state === 'learned' ? <StateChip state="ok" label={`version ${path.version}`} /> : <StateChip state="waiting" label="being learned" />}
        verdict={verdict(path)}
        actions={
          <>
            {missing > 0 ? <LinkButton look="primary" href={links.missingHop(path.entryType, 'any', 3_600)}>Open {formatNoun(missing, 'event')} that {missing === 1 ? 'misses' : 'miss'} a hop</LinkButton> : null}
            <LinkButton href={links.journeys({ type: path.entryType })}>Events of {path.entryType}</LinkButton>
          </>
        }
      />
      {path.incomplete ? (
        <ProblemState severity="warning" title="These events do more different things than are learned">
          Some steps are left out, so no hop is called unusual here. A topic that carries many kinds of events has no one path.
        </ProblemState>
      ) : null}
      <Section title="Steps" aside="in the order in which they usually happen">
        <StepsTable path={path} barred={allows(principal.role, 'operator') ? null : `This needs the role operator; you have ${principal.role}.`} />
      </Section>
      <Section title="Versions" aside={path.trial.why === null ? null : `${formatNoun(path.trial.journeys, 'journey')} seen since the ${path.trial.why}: after ${path.needed} it is known whether the path has changed`}>
        <ol aria-label="Versions" className="panel divide-y divide-line">
          {path.versions.map((version) => (
            <li key={version.version} className="flex flex-col gap-1 px-4 py-2.5">
              <p className="flex flex-wrap items-baseline gap-x-3">
                <strong className="font-medium">Version {version.version}</strong>
                <span className="text-muted">
                  since <RelativeTime at={version.since} as="clock" />
                  {version.until === null ? ', in force' : <>, until <RelativeTime at={version.until} as="clock" /></>}
                </span>
                <span className="text-muted">
                  {formatNoun(version.expectedHops, 'expected hop')}, {formatNoun(version.journeys, 'journey')}, usually {formatDuration(version.durationP50Ms)}
                </span>
              </p>
              <p className="text-xs text-muted">
                Began with: {version.why}.{version.added.length > 0 ? ` New: ${version.added.map(stepTextOf).join(', ')}.` : ''}
                {version.gone.length > 0 ? ` Gone: ${version.gone.map(stepTextOf).join(', ')}.` : ''}
              </p>
            </li>
          ))}
        </ol>
      </Section>
    </>
  );
}

function verdict(path: ExpectedPathWire): string {
  if (path.state === 'learning') return `${path.journeys} of ${path.needed} journeys that ended well were seen. Until then no journey is held against this path.`;
  const hour = path.lastHour;
  return `${formatNoun(path.expectedHops, 'expected hop')} and ${path.branches === 0 ? 'no branch' : formatNoun(path.branches, 'branch', 'branches')}, usually done in ${formatDuration(path.durationP50Ms)}, 19 of 20 within ${formatDuration(path.durationP95Ms)}. ${
    hour === null ? 'No event of the last hour was held against it.' : `${hour.latestOnly ? `The latest ${formatNoun(hour.journeys, 'event')}` : `${formatNoun(hour.journeys, 'event')} in the last hour`}: ${hour.missing === 0 ? 'none misses a hop' : `${formatNoun(hour.missing, 'misses', 'miss')} a hop`}, ${hour.extra === 0 ? 'none has' : formatNoun(hour.extra, 'has', 'have')} an unusual one, ${hour.slow === 0 ? 'none is' : formatNoun(hour.slow, 'is', 'are')} slow somewhere.`
  }`;
}
