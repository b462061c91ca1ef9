import type { Metadata } from 'next';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { pageContext } from '#app/page-context.ts';
import { EmptyState } from '#components/empty-state.tsx';
import { formatCount, formatDuration, formatNoun } from '#components/format.ts';
import { links } from '#components/links.ts';
import { LiveRefresh } from '#components/live.tsx';
import { PageHeader, Section } from '#components/page-header.tsx';
import { StateChip } from '#components/state-chip.tsx';
import { journeyStates } from '#lib/operations/journey-wire.ts';
import { stepTextOf } from '#lib/journey/describe-path.ts';
import { countJourneys, listJourneys } from '#lib/operations/list-journeys.ts';
import { listMissedSteps } from '#lib/operations/list-missed-steps.ts';
import { Finder } from './finder.tsx';
import { JourneysTable } from './journeys-table.tsx';
import { JourneysTabs } from './journeys-tabs.tsx';
import { MissedSteps } from './missed-steps.tsx';

export const metadata: Metadata = { title: 'Journeys' };

const needALook = ['stuck', 'failed', 'dead-lettered'];
const hourSeconds = 3_600;
const words = { key: 'a correlation id', trace: 'a trace id', coordinate: 'a topic, partition and offset', journey: 'the id of a journey' } as const;

/** Where is this order? Finder, what needs a look, and the latest. */
export default async function JourneysPage({ searchParams }: { searchParams: Promise<Record<string, string | string[] | undefined>> }): Promise<ReactNode> {
  const { store, now } = await pageContext('viewer');
  const search = await searchParams;
  const text = one(search['q'])?.trim().slice(0, 300) ?? '';
  const chosen = journeyStates.find((state) => state === one(search['state'])) ?? null;

  const narrowed = readNarrowed(search);
  const open = chosen === null && narrowed === null;

  const [counts, found, list, looks, missed] = await Promise.all([
    countJourneys(store, { now }),
    text === '' ? null : listJourneys(store, { q: text, limit: 50 }),
    listJourneys(store, { limit: 100, ...(chosen === null ? {} : { state: chosen }), ...narrowed }, now),
    open ? listJourneys(store, { limit: 8, state: needALook.join(',') }) : null,
    open && text === '' ? listMissedSteps(store, { now, withinSeconds: hourSeconds, limit: 5 }) : [],
  ]);
  const lastHour = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const nothing = list.items.length === 0 && open;

  return (
    <>
      <LiveRefresh kinds={['journeys', 'dead-letters', 'replays']} />
      <JourneysTabs />
      <PageHeader title="Journeys" verdict={verdict(counts, lastHour)} />
      <Finder text={text} />
      {found ? (
        <Section
          title={found.items.length === 0 ? `Nothing found for “${text}”` : `${formatNoun(found.items.length, 'journey')} found`}
          aside={found.matched && found.items.length > 0 ? `matched as ${words[found.matched.as]}` : null}
        >
          {found.items.length === 0 ? (
            <EmptyState title={`Taken for ${words[found.matched?.as ?? 'key']}, and no journey has it.`}>
              <p>Its spans may not have arrived, may be older than what is kept, or the service may not put the id on its messaging spans. A correlation id must match whole, capitals included.</p>
            </EmptyState>
          ) : (
            <JourneysTable label="Journeys found" rows={found.items} sortParam={null} />
          )}
        </Section>
      ) : null}
      {nothing ? (
        <EmptyState title="No journeys yet.">
          <p>
            Journeys are made from traces. Point the OpenTelemetry exporter of a service that publishes or consumes here: <code>OTEL_EXPORTER_OTLP_ENDPOINT=http://…:4318</code> with <code>OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf</code>{' '}
            or <code>http/json</code>. Events appear within a few seconds of their first span.
          </p>
        </EmptyState>
      ) : (
        <>
          <MissedSteps steps={missed} withinSeconds={hourSeconds} />
          {looks !== null && looks.items.length > 0 && text === '' ? (
            <Section title="What needs a look" aside="stuck, failed or dead-lettered, the latest first">
              <JourneysTable label="Journeys that need a look" rows={looks.items} sortParam={null} />
            </Section>
          ) : null}
          <Section title={narrowed !== null ? narrowedTitle(narrowed) : chosen === null ? 'Latest' : <>Latest: {chosen.replaceAll('-', ' ')}</>} aside={narrowed === null ? null : <NarrowedLinks narrowed={narrowed} />}>
            <nav aria-label="States" className="mb-2 flex flex-wrap items-center gap-2">
              <StateLink state={null} here={chosen === null} count={null} narrowed={narrowed} />
              {journeyStates.map((state) => (
                <StateLink key={state} state={state} here={chosen === state} count={narrowed === null ? (counts[state] ?? 0) : null} narrowed={narrowed} />
              ))}
              {narrowed === null ? <span className="text-xs text-muted">counts of the last hour</span> : null}
            </nav>
            <JourneysTable label="Latest journeys" rows={list.items} empty={<EmptyState title={narrowed !== null ? 'No journey is as asked for.' : `No journey is ${chosen?.replaceAll('-', ' ') ?? 'here'}.`} />} />
          </Section>
        </>
      )}
    </>
  );
}

interface Narrowed {
  entryType?: string;
  missing?: string;
  withinSeconds?: number;
  deviation?: 'extra' | 'slow';
}

/** What the address asks for besides a state: an entry type, a step that is missing, another deviation. */
function readNarrowed(search: Record<string, string | string[] | undefined>): Narrowed | null {
  const [type, missing, within, deviation] = ['type', 'missing', 'within', 'deviation'].map((name) => one(search[name])?.trim());
  const seconds = Number(within);
  const narrowed: Narrowed = {
    ...(type ? { entryType: type.slice(0, 249) } : {}), ...(missing ? { missing: missing.slice(0, 1_000) } : {}), ...(missing && Number.isInteger(seconds) && seconds > 0 && seconds <= 31 * 86_400 ? { withinSeconds: seconds } : {}),
    ...(deviation === 'extra' || deviation === 'slow' ? { deviation } : {}),
  };
  return Object.keys(narrowed).length === 0 ? null : narrowed;
}

function narrowedTitle({ entryType, missing, withinSeconds, deviation }: Narrowed): string {
  const subject = entryType === undefined ? 'Events' : `Events of ${entryType}`;
  if (missing !== undefined) return `${subject} that ${missing === 'any' ? 'miss a hop' : `never reached ${stepTextOf(missing)}`}${withinSeconds === undefined ? '' : `, in the last ${formatDuration(withinSeconds * 1_000)}`}`;
  if (deviation !== undefined) return `${subject} ${deviation === 'extra' ? 'with a hop that is not on their usual path' : 'with a hop far over its p95'}`;
  return subject;
}

function NarrowedLinks({ narrowed }: { narrowed: Narrowed }): ReactNode {
  return (
    <span className="flex gap-3">
      {narrowed.entryType === undefined ? null : <Link className="text-accent-ink hover:underline" prefetch={false} href={links.usualPath(narrowed.entryType)}>Usual path of {narrowed.entryType}</Link>}
      <Link className="text-accent-ink hover:underline" prefetch={false} href={links.journeys()}>Show all events</Link>
    </span>
  );
}

function StateLink({ state, here, count, narrowed }: { state: string | null; here: boolean; count: number | null; narrowed: Narrowed | null }): ReactNode {
  return (
    <Link
      href={links.journeys({ state, type: narrowed?.entryType, missing: narrowed?.missing, within: narrowed?.withinSeconds, deviation: narrowed?.deviation })}
      prefetch={false}
      aria-current={here ? 'true' : undefined}
      className={`inline-flex h-7 items-center gap-1.5 rounded-md border px-2 text-xs ${here ? 'border-accent bg-accent-soft' : 'border-line hover:bg-hover'}`}
    >
      {state === null ? 'all' : <StateChip state={state} />}
      {count === null ? null : <span className="text-muted">{formatCount(count)}</span>}
    </Link>
  );
}

function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/** The answer of the screen in one sentence. */
function verdict(counts: Record<string, number>, lastHour: number): string {
  if (lastHour === 0) return 'No event was seen in the last hour. Find an older one by its correlation id, a trace id or where a record lies.';
  const of = (state: string) => counts[state] ?? 0;
  const bad = needALook.filter((state) => of(state) > 0).map((state) => `${formatCount(of(state))} ${state.replaceAll('-', ' ')}`);
  return `${formatNoun(lastHour, 'event')} in the last hour: ${formatCount(of('done') + of('replayed'))} done, ${formatCount(of('in-flight'))} in flight${bad.length > 0 ? `, ${bad.join(', ')}` : ', none stuck or failed'}.`;
}
