import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { pageContext } from '#app/page-context.ts';
import { EmptyState } from '#components/empty-state.tsx';
import { formatCount, formatNoun } from '#components/format.ts';
import { LiveRefresh } from '#components/live.tsx';
import { PageHeader } from '#components/page-header.tsx';
import type { ExpectedPathRowWire } from '#lib/operations/expected-path-wire.ts';
import { listExpectedPaths } from '#lib/operations/list-expected-paths.ts';
import { JourneysTabs } from '../journeys-tabs.tsx';
import { PathsTable } from './paths-table.tsx';

export const metadata: Metadata = { title: 'Usual paths' };

/** What events of each type usually do, and how many of the last hour did not. */
export default async function UsualPathsPage(): Promise<ReactNode> {
  const { store, now } = await pageContext('viewer');
  const { items } = await listExpectedPaths(store, { now });
  return (
    <>
      <LiveRefresh kinds={['journeys']} everyMs={5_000} />
      <JourneysTabs />
      <PageHeader title="Usual paths" verdict={verdict(items)} />
      {items.length === 0 ? (
        <EmptyState title="No usual path is learned yet.">
          <p>
            A path is learned for each topic on which journeys begin, from those that ended well: their hops, how often each happens, and how long it takes. After 20 of them every journey of that type is held against it, so that a hop that never comes
            is seen. It needs nothing but journeys; they come from traces.
          </p>
        </EmptyState>
      ) : (
        <PathsTable rows={items} />
      )}
    </>
  );
}

function verdict(items: readonly ExpectedPathRowWire[]): string {
  if (items.length === 0) return 'What events usually do is learned from those that ended well.';
  const learned = items.filter((item) => item.state === 'learned');
  const missing = items.reduce((sum, item) => sum + (item.lastHour?.missing ?? 0), 0);
  const journeys = items.reduce((sum, item) => sum + (item.lastHour?.journeys ?? 0), 0);
  const latest = items.some((item) => item.lastHour?.latestOnly) ? `the latest ${formatNoun(journeys, 'event')}` : `${formatNoun(journeys, 'event')} in the last hour`;
  return `${formatNoun(learned.length, 'type')} of events ${learned.length === 1 ? 'has' : 'have'} a usual path${learned.length < items.length ? `, ${items.length - learned.length} more being learned` : ''}. ${
    journeys === 0 ? 'No event of the last hour was held against one.' : missing === 0 ? `All ${latest} had every hop that is expected by now.` : `${formatCount(missing)} of ${latest} ${missing === 1 ? 'misses' : 'miss'} a hop.`
  }`;
}
