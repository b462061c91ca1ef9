import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { formatNoun } from '#components/format.ts';
import { LiveRefresh } from '#components/live.tsx';
import { PageHeader } from '#components/page-header.tsx';
import { allows } from '#lib/model/access.ts';
import { listSilences } from '#lib/operations/list-silences.ts';
import { pageContext } from '../../../page-context.ts';
import { AlertsTabs } from '../alerts-tabs.tsx';
import { NewSilence } from './new-silence.tsx';
import { SilenceTable } from './silence-table.tsx';

export const metadata: Metadata = { title: 'Silences' };

const MAX_PREFILLED = 20;

export default async function SilencesPage({ searchParams }: { searchParams: Promise<Record<string, string | string[] | undefined>> }): Promise<ReactNode> {
  const { store, principal, now } = await pageContext('viewer');
  const [silences, query] = await Promise.all([listSilences(store, now), searchParams]);
  const active = silences.items.filter((silence) => silence.state === 'active');
  const quiet = active.reduce((sum, silence) => sum + silence.silencing, 0);
  const barred = allows(principal.role, 'operator') ? null : `This needs the role operator; you have ${principal.role}.`;
  const matches = [query['match'] ?? []].flat().slice(0, MAX_PREFILLED).map((match) => match.slice(0, 600).replaceAll('\n', ' '));
  return (
    <>
      <LiveRefresh kinds={['alerts']} everyMs={5_000} />
      <AlertsTabs />
      <PageHeader
        title="Silences"
        verdict={active.length === 0 ? 'Nothing is silenced.' : `${formatNoun(active.length, 'silence')} in force, ${quiet === 0 ? 'keeping nothing quiet right now' : `keeping ${formatNoun(quiet, 'alert')} quiet`}.`}
        actions={<NewSilence prefilled={matches} open={query['new'] === '1'} barred={barred} />}
      />
      <SilenceTable silences={silences.items} barred={barred} />
    </>
  );
}
