import Link from 'next/link';
import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { EmptyState } from '#components/empty-state.tsx';
import { formatCount, formatNoun } from '#components/format.ts';
import { LinkButton } from '#components/link-button.tsx';
import { links } from '#components/links.ts';
import { LiveRefresh } from '#components/live.tsx';
import { PageHeader, Section } from '#components/page-header.tsx';
import { RelativeTime } from '#components/relative-time.tsx';
import { StateChip } from '#components/state-chip.tsx';
import { allows } from '#lib/model/access.ts';
import { listDeadLetterTopics, type DeadLetterTopicWire } from '#lib/operations/list-dead-letter-topics.ts';
import { pageContext } from '../../../page-context.ts';
import { SettingsTabs } from '../settings-tabs.tsx';
import { Decide } from './decide.tsx';

export const metadata: Metadata = { title: 'Dead-letter topics' };

const SOURCE = { pattern: 'its name', configuration: 'the configuration', headers: 'headers; taken in' } as const;

/** Which topics are read as dead letters and retries, why, and which others look like it. */
export default async function DeadLetterTopicsPage(): Promise<ReactNode> {
  const { store, config, principal } = await pageContext('viewer');
  const { items } = await listDeadLetterTopics(store, {});
  const proposed = items.filter((item) => item.state === 'proposed');
  const read = items.filter((item) => item.state === 'read');
  const ignored = items.filter((item) => item.state === 'ignored');
  const refused = allows(principal.role, 'operator') ? null : `Deciding needs the role operator; you have the role ${principal.role}.`;
  const modes = config.clusters.map((cluster) => ({ name: cluster.name, mode: cluster.deadLetters?.discover ?? 'propose' }));
  const off = modes.filter(({ mode }) => mode === 'off');
  const several = config.clusters.length > 1;
  return (
    <>
      <LiveRefresh kinds={['dead-letters']} />
      <SettingsTabs />
      <PageHeader
        title="Dead-letter topics"
        verdict={`${formatNoun(read.filter((item) => item.role === 'dead-letter').length, 'dead-letter topic')} and ${formatNoun(read.filter((item) => item.role === 'retry').length, 'retry topic')} are read; ${proposed.length === 0 ? 'no other topic looks like one.' : `${formatNoun(proposed.length, 'other topic')} ${proposed.length === 1 ? 'looks' : 'look'} like one.`}`}
        actions={allows(principal.role, 'administrator') ? <LinkButton href={links.headerMapping()}>Map home-made headers</LinkButton> : null}
      />
      {proposed.length === 0 ? null : (
        <Section title="Found by their headers" aside="not read until somebody decides">
          <ul className="grid gap-3 xl:grid-cols-2">
            {proposed.map((item) => (
              <Proposal key={`${item.cluster} ${item.topic}`} item={item} several={several} refused={refused} />
            ))}
          </ul>
        </Section>
      )}
      <Section title="Read" aside="without joining a group">
        {read.length === 0 ? (
          <EmptyState title="No topic is read as dead letters yet">
            Name yours under <code>deadLetters.topics</code> in <code>waybill.config.yaml</code> or in <code>WAYBILL_DLQ_TOPICS</code>. Topics whose records carry the headers of a known framework are proposed here.
          </EmptyState>
        ) : (
          <TopicTable label="Topics that are read" items={read} several={several} refused={refused} />
        )}
      </Section>
      {ignored.length === 0 ? null : (
        <details className="mb-4">
          <summary className="mb-2 text-muted">{formatNoun(ignored.length, 'ignored topic')}</summary>
          <TopicTable label="Ignored topics" items={ignored} several={several} refused={refused} />
        </details>
      )}
      <p className="text-muted">
        {off.length > 0
          ? `Topics that nothing names are not looked at${several ? ` on ${off.map(({ name }) => name).join(', ')}` : ''}: deadLetters.discover is off.`
          : 'A few records of every other topic are looked at once they were written, without joining a group. deadLetters.discover turns that off, or takes in what leaves no doubt.'}
      </p>
    </>
  );
}

function Proposal({ item, several, refused }: { item: DeadLetterTopicWire; several: boolean; refused: string | null }): ReactNode {
  const { evidence } = item;
  return (
    <li className="panel flex min-w-0 flex-col gap-2 p-4" aria-label={`Proposal ${item.topic}`}>
      <div className="flex flex-wrap items-baseline gap-x-2">
        <h3 className="min-w-0 font-semibold [overflow-wrap:anywhere]">
          <Link href={links.topic(item.cluster, item.topic)} prefetch={false} className="hover:text-accent-ink hover:underline">
            {item.topic}
          </Link>
        </h3>
        {several ? <span className="text-muted">{item.cluster}</span> : null}
        <span className="ml-auto text-xs text-muted">
          found <RelativeTime at={item.foundAt} />
        </span>
      </div>
      {evidence ? (
        <p className="[overflow-wrap:anywhere]">
          {formatCount(evidence.carrying)} of {formatNoun(evidence.sampled, 'sampled record')} {evidence.carrying === 1 ? 'carries' : 'carry'} <code>{evidence.headers[0]?.name ?? evidence.dialect}</code>
          {evidence.headers.length > 1 ? <> and {evidence.headers.slice(1, 4).map((header, index) => <span key={header.name}>{index > 0 ? ', ' : ''}<code>{header.name}</code></span>)}</> : null}: the headers of {evidence.dialect}
          {item.origins.length > 0 ? `, from ${item.origins.slice(0, 3).map((origin) => origin.topic).join(', ')}` : ', from a topic that they do not tell'}.
          {evidence.certain ? '' : ' Not certain: other systems use such names too, or too few records were there.'}
        </p>
      ) : null}
      <Decide cluster={item.cluster} topic={item.topic} state="proposed" role={item.role} refused={refused} />
    </li>
  );
}

const TH = 'h-8 border-b border-line px-2.5 text-left font-medium text-muted';

function TopicTable({ label, items, several, refused }: { label: string; items: DeadLetterTopicWire[]; several: boolean; refused: string | null }): ReactNode {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls sideways, so a keyboard must reach it
    <section tabIndex={0} aria-label={`${label}, scrollable`} className="panel relative scroll-x">
      <table aria-label={label} className="w-full min-w-[720px] border-separate border-spacing-0 text-xs">
        <thead>
          <tr>
            {[...(several ? ['Cluster'] : []), 'Topic', 'Holds', 'Belongs to', 'Found by', 'Read', ''].map((head) => (
              <th key={head} scope="col" className={TH}>
                {head === '' ? <span className="sr-only">Decide</span> : head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={`${item.cluster} ${item.topic}`} className="[&>td]:border-b [&>td]:border-line [&>td]:px-2.5 [&>td]:py-1.5 [&>td]:align-top">
              {several ? <td>{item.cluster}</td> : null}
              <td className="font-medium [overflow-wrap:anywhere]">
                <Link href={links.topic(item.cluster, item.topic)} prefetch={false} className="hover:text-accent-ink hover:underline">
                  {item.topic}
                </Link>
              </td>
              <td className="whitespace-nowrap">{item.role === 'retry' ? 'retries' : 'dead letters'}</td>
              <td>
                <Origins item={item} />
              </td>
              <td>
                {SOURCE[item.source]}
                {item.decidedBy ? (
                  <span className="text-muted">
                    {' '}
                    by {item.decidedBy} <RelativeTime at={item.decidedAt} />
                  </span>
                ) : null}
              </td>
              <td>
                {item.state === 'ignored' ? <span className="text-muted">not read</span> : item.error ? <StateChip state="failing" title={item.error} /> : <RelativeTime at={item.lastReadAt} none="not yet" />}
              </td>
              <td className="text-right">{item.source === 'headers' ? <Decide cluster={item.cluster} topic={item.topic} state={item.state === 'ignored' ? 'ignored' : 'taken'} role={item.role} refused={refused} /> : null}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Origins({ item }: { item: DeadLetterTopicWire }): ReactNode {
  if (item.origins.length === 0) return <span className="text-unknown-ink italic" title="None of its records has told where it came from">unknown</span>;
  return (
    <ul>
      {item.origins.map((origin) => (
        <li key={origin.topic} className="[overflow-wrap:anywhere]">
          <Link href={links.topic(item.cluster, origin.topic)} prefetch={false} className="hover:text-accent-ink hover:underline">
            {origin.topic}
          </Link>{' '}
          <span className="whitespace-nowrap text-muted">{formatNoun(origin.records, 'record')}</span>
        </li>
      ))}
    </ul>
  );
}
