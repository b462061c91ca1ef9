import Link from 'next/link';
import { notFound } from 'next/navigation';
import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { pageContext } from '#app/page-context.ts';
import { WaybillError } from '#lib/errors.ts';
import { compileMasking } from '#lib/masking/compile-masking.ts';
import { getDeadLetter, getDeadLetterNeighbours, type DeadLetterWire } from '#lib/operations/get-dead-letter.ts';
import { listReaders } from '#lib/operations/list-readers.ts';
import { firstBytesOf } from '#lib/operations/record-wire.ts';
import { Button } from '#components/button.tsx';
import { LinkButton } from '#components/link-button.tsx';
import { formatBytes, formatCount, formatNoun } from '#components/format.ts';
import { links } from '#components/links.ts';
import { LiveRefresh } from '#components/live.tsx';
import { Facts, PageHeader } from '#components/page-header.tsx';
import { MaskedNote } from '#components/masked-note.tsx';
import { ProblemState } from '#components/problem-state.tsx';
import { RelativeTime } from '#components/relative-time.tsx';
import { StateChip } from '#components/state-chip.tsx';
import { Tabs } from '#components/tabs.tsx';
import { shortClass } from '../filter.ts';
import { readFilter } from '../read-filter.ts';
import { ArchiveAction } from '../archive-action.tsx';
import { ReplayAction } from '../replay-action.tsx';
import { EditedDetails } from '../../replays/edited-details.tsx';
import { ErrorPanel } from './error-panel.tsx';
import { HeadersTable } from './headers-table.tsx';
import { ReplayOutlook } from './replay-outlook.tsx';
import { ValueView } from './value-view.tsx';
import { Walk } from './walk.tsx';

export const metadata: Metadata = { title: 'Dead letter' };

/** As much of a value as travels with the page; the rest is a download. */
const SHOWN_BYTES = 256 * 1024;
/** As much of a value that stayed with the broker is read to be looked at. */
const PREVIEW_BYTES = 64 * 1024;

type Props = { params: Promise<{ id: string }>; searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function DeadLetterPage({ params, searchParams }: Props): Promise<ReactNode> {
  const { store, config, principal } = await pageContext('viewer');
  const { id } = await params;
  const filter = readFilter(await searchParams);
  let letter: DeadLetterWire;
  try {
    letter = await getDeadLetter(store, id, compileMasking(config.masking));
  } catch (error) {
    if (error instanceof WaybillError && error.status === 404) notFound();
    throw error;
  }
  const [neighbours, readers] = await Promise.all([getDeadLetterNeighbours(store, id, filter), listReaders(store, id)]);
  const { error, origin } = letter;
  const title = error.class ? shortClass(error.class) : error.message ? 'Error without a class' : 'No error conveyed';
  const rewritten = letter.dialect?.startsWith('spring') === true && letter.headers.some(([name]) => name === '__TypeId__');
  const value = letter.valueBase64 === null ? null : Buffer.from(letter.valueBase64, 'base64');

  return (
    <>
      <LiveRefresh kinds={['dead-letters', 'replays']} />
      <PageHeader
        title={title}
        state={<StateChip state={letter.state} />}
        verdict={<Verdict letter={letter} />}
        actions={
          <>
            <Walk previous={neighbours.previous && links.deadLetter(neighbours.previous, filter)} next={neighbours.next && links.deadLetter(neighbours.next, filter)} />
            {letter.failureId ? <LinkButton href={links.failure(letter.failureId)}>Its failure</LinkButton> : null}
            <ArchiveAction
              verb={letter.state === 'archived' ? 'restore' : 'archive'}
              selection={{ ids: [{ id: letter.id, generation: letter.generation }] }}
              count={1}
              label={letter.state === 'archived' ? 'Take out of the archive…' : 'Archive…'}
              disabledReason={archiveRefused(letter, principal.role)}
            />
            <EditAction id={letter.id} refused={editRefused(letter, principal.role)} />
            <ReplayAction withKey selection={{ ids: [{ id: letter.id, generation: letter.generation }] }} label={origin.topic ? `Replay to ${origin.topic}…` : 'Replay…'} disabledReason={replayRefused(letter, principal.role)} />
          </>
        }
      />
      {letter.dialect === null ? (
        <ProblemState severity="warning" title="Origin unknown">
          No header dialect Waybill knows is on this record, so where it came from and what went wrong are not guessed. <Link href={links.headerMapping({ cluster: letter.cluster, topic: letter.topic })} prefetch={false} className="text-accent-ink underline underline-offset-2">Map your own headers</Link>, tried on the records of this topic.
        </ProblemState>
      ) : null}
      {letter.state === 'archived' && letter.archivings[0] ? (
        <section aria-label="Archived" className="panel mb-4 px-4 py-2.5">
          <p className="font-medium [overflow-wrap:anywhere]">
            Archived by {letter.archivings[0].createdBy}: {letter.archivings[0].reason}
          </p>
          <p className="text-muted">It was {letter.archivings[0].was.replaceAll('-', ' ')} before. It is in no list or count and is not replayed until it is taken back.</p>
        </section>
      ) : null}
      {letter.body === 'expired' ? (
        <ProblemState severity="warning" title="The stored bytes have expired">
          What was decoded is kept. Whether the broker still has the record at {letter.topic} p{letter.partition}@{letter.offset} is said below, as soon as it answered.
        </ProblemState>
      ) : null}
      <ErrorPanel error={error} />
      <ReplayOutlook key={letter.id} id={letter.id} cluster={letter.cluster} originTopic={origin.topic} originGroup={origin.consumerGroup} valueBytes={letter.valueBytes} body={letter.body} readers={readers} />
      {letter.masked ? (
        <div className="mb-4">
          <MaskedNote masked={letter.masked} />
        </div>
      ) : null}
      <Tabs
        label="Parts of the dead letter"
        tabs={[
          {
            id: 'value',
            label: letter.valueBytes === null ? 'Value' : `Value ${formatBytes(letter.valueBytes)}`,
            content: (
              <ValueView
                keyBase64={letter.keyBase64}
                keyGone={letter.body === 'expired' && letter.keyBytes !== null}
                valueBase64={value === null ? null : Buffer.from(firstBytesOf(value, SHOWN_BYTES)).toString('base64')}
                valueBytes={letter.valueBytes}
                body={letter.body}
                downloadHref={`/api/v1/dead-letters/${letter.id}/value`}
                previewHref={`/api/v1/dead-letters/${letter.id}/value?first=${PREVIEW_BYTES}`}
                masked={letter.masked}
                note={rewritten ? 'Spring’s JSON serialiser wrote this value anew: order of keys and spacing may differ from the original bytes.' : null}
              />
            ),
          },
          { id: 'headers', label: `Headers ${formatCount(letter.headers.length)}`, content: <HeadersTable headers={letter.headers} namesBase64={letter.headerNamesBase64} gone={letter.body === 'expired'} /> },
          { id: 'origin', label: 'Origin', content: <Origin letter={letter} /> },
          { id: 'history', label: `History ${formatCount(letter.replays.length + letter.archivings.length)}`, content: <History letter={letter} /> },
        ]}
      />
    </>
  );
}

function replayRefused(letter: DeadLetterWire, role: string): string | null {
  if (role === 'viewer') return `Replaying needs the role operator; you have the role ${role}.`;
  if (letter.state === 'replaying') return 'A replay of this record is under way.';
  if (letter.state === 'archived') return 'It is archived: take it out of the archive first.';
  if (letter.body === 'expired') return 'The stored bytes have expired: there is nothing to send.';
  return null;
}

function editRefused(letter: DeadLetterWire, role: string): string | null {
  return replayRefused(letter, role) ?? (letter.masked ? 'A masking rule hides parts of it: a masked record cannot be edited.' : letter.body === 'by-reference' ? 'The value is too large to edit here.' : null);
}

function EditAction({ id, refused }: { id: string; refused: string | null }): ReactNode {
  return refused === null ? <LinkButton href={links.editDeadLetter(id)}>Edit and replay…</LinkButton> : <Button disabledReason={refused}>Edit and replay…</Button>;
}

function archiveRefused(letter: DeadLetterWire, role: string): string | null {
  if (role === 'viewer') return `Archiving needs the role operator; you have the role ${role}.`;
  if (letter.state === 'replaying') return 'A replay of this record is under way.';
  if (letter.state === 'processed') return 'It was processed: there is nothing to put aside.';
  return null;
}

function Verdict({ letter }: { letter: DeadLetterWire }): ReactNode {
  const { origin } = letter;
  return (
    <>
      {origin.topic === null ? 'From an unknown origin' : `From ${origin.topic}${origin.partition !== null && origin.offset !== null ? ` p${origin.partition}@${origin.offset}` : ''}`}
      {origin.consumerGroup === null ? '' : `, failed in ${origin.consumerGroup}`}
      {letter.attempts === null ? '' : ` after ${formatNoun(letter.attempts, 'attempt')}`}; dead-lettered to {letter.topic} p{letter.partition}@{letter.offset}, seen <RelativeTime at={letter.ingestedAt} />
      {letter.correlationId === null ? null : (
        <>
          {' · '}
          <Link href={links.findJourney(letter.correlationId)} prefetch={false} className="text-accent-ink underline underline-offset-2">
            journey of {letter.correlationId}
          </Link>
        </>
      )}
    </>
  );
}

const unknown = (why: string): ReactNode => (
  <span className="text-unknown-ink italic" title={why}>
    unknown
  </span>
);

function Origin({ letter }: { letter: DeadLetterWire }): ReactNode {
  const { origin } = letter;
  const why = letter.dialect === null ? 'no known header dialect is on the record' : `the dialect ${letter.dialect} did not convey it`;
  const coordinate = origin.topic !== null && origin.partition !== null && origin.offset !== null ? `${origin.topic}:${origin.partition}@${origin.offset}` : null;
  return (
    <div className="grid gap-6 md:grid-cols-2">
      <section className="panel p-4" aria-label="The record that failed">
        <h2 className="mb-2 font-semibold">The record that failed</h2>
        <Facts
          items={[
            { label: 'Topic', value: origin.topic === null ? unknown(why) : <Link href={links.topic(letter.cluster, origin.topic)} prefetch={false} className="text-accent-ink hover:underline">{origin.topic}</Link> },
            { label: 'Partition', value: origin.partition ?? unknown(why) },
            { label: 'Offset', value: origin.offset === null ? unknown(why) : formatCount(origin.offset) },
            { label: 'Written', value: origin.timestamp === null ? unknown(why) : <RelativeTime at={origin.timestamp} as="clock" /> },
            { label: 'Consumer group', value: origin.consumerGroup === null ? unknown(why) : <Link href={links.group(letter.cluster, origin.consumerGroup)} prefetch={false} className="text-accent-ink hover:underline">{origin.consumerGroup}</Link> },
            { label: 'Failed attempts', value: letter.attempts ?? unknown(why) },
            { label: 'Journey', value: letter.correlationId !== null ? <Link href={links.findJourney(letter.correlationId)} prefetch={false} className="text-accent-ink hover:underline">{letter.correlationId}</Link> : letter.traceId !== null ? <Link href={links.findJourney(letter.traceId)} prefetch={false} className="text-accent-ink hover:underline">trace {letter.traceId}</Link> : coordinate !== null ? <Link href={links.findJourney(coordinate)} prefetch={false} className="text-accent-ink hover:underline">{coordinate}</Link> : unknown('no correlation id, trace or coordinate is on the record') },
          ]}
        />
      </section>
      <section className="panel p-4" aria-label="The dead letter">
        <h2 className="mb-2 font-semibold">The dead letter</h2>
        <Facts
          items={[
            { label: 'Cluster', value: letter.cluster },
            { label: 'Topic', value: letter.topicDeletedAt ? `${letter.topic} (deleted since)` : letter.topic },
            { label: 'Partition', value: letter.partition },
            { label: 'Offset', value: formatCount(letter.offset) },
            { label: 'Timestamp', value: letter.timestamp === null ? unknown('the record has none') : <RelativeTime at={letter.timestamp} as="clock" /> },
            { label: 'Seen', value: <RelativeTime at={letter.ingestedAt} as="clock" /> },
            { label: 'Header dialect', value: letter.dialect ?? unknown('none that Waybill knows') },
            { label: 'Expires', value: letter.expiresAt === null ? unknown('the topic’s retention has not been read') : <RelativeTime at={letter.expiresAt} /> },
          ]}
        />
      </section>
    </div>
  );
}

function History({ letter }: { letter: DeadLetterWire }): ReactNode {
  return (
    <>
      <Archivings letter={letter} />
      {letter.replays.length === 0 ? <p className="text-muted">This dead letter has not been replayed.</p> : <Replays letter={letter} />}
    </>
  );
}

function Archivings({ letter }: { letter: DeadLetterWire }): ReactNode {
  if (letter.archivings.length === 0) return null;
  return (
    <ol aria-label="Archive" className="mb-2 flex flex-col gap-2">
      {letter.archivings.map((one) => (
        <li key={one.id} className="panel flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5">
          <StateChip state="archived" label={one.verb === 'archive' ? 'archived' : 'taken back'} />
          <span className="font-medium">by {one.createdBy}</span>
          <span className="text-muted">
            <RelativeTime at={one.createdAt} />
          </span>
          <span className="min-w-0 text-muted [overflow-wrap:anywhere]">{one.reason}</span>
        </li>
      ))}
    </ol>
  );
}

function Replays({ letter }: { letter: DeadLetterWire }): ReactNode {
  return (
    <ol className="flex flex-col gap-2">
      {letter.replays.map((replay) => (
        <li key={`${replay.id} ${replay.generation}`} className="panel flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5">
          <StateChip state={replay.state} />
          <Link href={links.replay(replay.id)} prefetch={false} className="font-medium hover:text-accent-ink hover:underline">
            Replay {replay.generation} by {replay.createdBy}
          </Link>
          <span className="text-muted">
            <RelativeTime at={replay.createdAt} />
          </span>
          {replay.sentTo ? (
            <span className="font-mono text-xs">
              {replay.sentTo.topic} p{replay.sentTo.partition}@{replay.sentTo.offset}
            </span>
          ) : null}
          {replay.refusal ? <span className="text-behind-ink">{replay.refusal.replaceAll('-', ' ')}</span> : null}
          <span className="min-w-0 text-muted [overflow-wrap:anywhere]">{replay.reason}</span>
          {replay.edited ? <EditedDetails replayId={replay.id} changed={replay.edited} /> : null}
        </li>
      ))}
    </ol>
  );
}
