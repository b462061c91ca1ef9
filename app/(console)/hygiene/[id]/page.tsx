import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import type { ReactNode } from 'react';
import { LinkButton } from '#components/link-button.tsx';
import { links } from '#components/links.ts';
import { LiveRefresh } from '#components/live.tsx';
import { PageHeader, Section } from '#components/page-header.tsx';
import { RelativeTime } from '#components/relative-time.tsx';
import { StateChip } from '#components/state-chip.tsx';
import { WaybillError } from '#lib/errors.ts';
import { allows } from '#lib/model/access.ts';
import type { FindingWire } from '#lib/operations/finding-shape.ts';
import { getFinding } from '#lib/operations/get-finding.ts';
import { pageContext } from '../../../page-context.ts';
import { subjectOf } from '../findings.tsx';
import { Examples } from './examples.tsx';
import { FactValue } from './fact-value.tsx';
import { MuteAction } from './mute-action.tsx';

export const metadata: Metadata = { title: 'Finding' };

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu;

/** One finding: what is wrong, the evidence with examples to open, and how to mend it. */
export default async function FindingPage({ params }: { params: Promise<{ id: string }> }): Promise<ReactNode> {
  const { store, principal, now } = await pageContext('viewer');
  const { id } = await params;
  if (!UUID.test(id)) notFound();
  const finding = await getFinding(store, id, now).catch((error: unknown) => {
    if (error instanceof WaybillError && error.status === 404) notFound();
    throw error;
  });
  const barred = allows(principal.role, 'operator') ? null : `This needs the role operator; you have ${principal.role}.`;
  return (
    <>
      <LiveRefresh kinds={['hygiene']} atLeastEveryMs={30_000} />
      <PageHeader
        title={`${finding.title}: ${subjectOf(finding)}`}
        verdict={finding.sentence}
        state={
          <>
            <StateChip state={finding.severity} />
            <StateChip state={finding.state === 'open' ? 'new' : finding.state} {...(finding.state === 'open' ? { label: 'open', tone: 'behind' as const } : {})} />
          </>
        }
        actions={
          <>
            <Subjects finding={finding} />
            <MuteAction id={finding.id} title={`${finding.title}: ${subjectOf(finding)}`} muted={finding.mute !== null} barred={barred} />
          </>
        }
      />
      {finding.mute ? (
        <p className="panel mb-4 px-4 py-2.5 [overflow-wrap:anywhere]">
          Muted by {finding.mute.by} until <RelativeTime at={finding.mute.until} as="clock" />: “{finding.mute.reason}” It goes on being looked for, and no alert tells of it.
        </p>
      ) : null}
      <div className="grid gap-x-6 lg:grid-cols-2">
        <Section title="Evidence">
          <div className="panel p-4">
            <dl className="grid grid-cols-1 gap-x-4 gap-y-1.5 sm:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]">
              <Fact label={finding.state === 'resolved' ? 'Was open since' : 'Since'}>
                <RelativeTime at={finding.since} as="clock" />
              </Fact>
              <Fact label="Last seen">
                <RelativeTime at={finding.lastSeen} />
              </Fact>
              {finding.resolvedAt === null ? (
                <Fact label="Last found by a look">
                  <RelativeTime at={finding.detectedAt} />
                </Fact>
              ) : (
                <Fact label="Resolved">
                  <RelativeTime at={finding.resolvedAt} />
                </Fact>
              )}
              {finding.facts.map((fact) => (
                <Fact key={fact.label} label={fact.label}>
                  <FactValue fact={fact} />
                </Fact>
              ))}
              <Fact label="Cluster">{finding.cluster}</Fact>
            </dl>
          </div>
        </Section>
        <Section title="What it means, and how to mend it">
          <div className="panel p-4">
            <p>{finding.means}</p>
            <ol className="mt-3 flex list-decimal flex-col gap-1.5 pl-5">
              {finding.mend.map((step) => (
                <li key={step}>{step}</li>
              ))}
            </ol>
            <p className="mt-3 text-xs text-muted">It resolves by itself once its evidence has been gone for a while.</p>
          </div>
        </Section>
      </div>
      <Examples finding={finding} />
    </>
  );
}

/** Labels are sentences here: on a narrow window the figure stands under its own. */
function Fact({ label, children }: { label: string; children: ReactNode }): ReactNode {
  return (
    <div className="contents">
      <dt className="text-muted max-sm:text-xs">{label}</dt>
      <dd className="min-w-0 [overflow-wrap:anywhere] max-sm:mb-1.5">{children}</dd>
    </div>
  );
}

/** Where the subject itself is shown. */
function Subjects({ finding }: { finding: FindingWire }): ReactNode {
  const { cluster, topic, group, kind } = finding;
  return (
    <>
      {group === null ? null : <LinkButton href={links.group(cluster, group)}>Open the group</LinkButton>}
      {topic === null ? null : <LinkButton href={links.topic(cluster, topic)}>Open the topic</LinkButton>}
      {topic !== null && kind === 'unread-dead-letters' ? (
        <LinkButton look="primary" href={links.deadLetters({ cluster, topic })}>
          Open its dead letters
        </LinkButton>
      ) : null}
    </>
  );
}
