import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { formatNoun } from '#components/format.ts';
import { PageHeader, Section } from '#components/page-header.tsx';
import { listSessions } from '#lib/operations/list-sessions.ts';
import { listTokens } from '#lib/operations/list-tokens.ts';
import { pageContext } from '../../../page-context.ts';
import { SettingsTabs } from '../settings-tabs.tsx';
import { NewToken } from './new-token.tsx';
import { SessionTable } from './session-table.tsx';
import { TokenTable } from './token-table.tsx';

export const metadata: Metadata = { title: 'Access' };

export default async function AccessPage(): Promise<ReactNode> {
  const { store, principal, now } = await pageContext('administrator');
  const [sessions, tokens] = await Promise.all([listSessions(store, { now, current: principal.id }), listTokens(store)]);
  const live = tokens.filter((token) => token.revokedAt === null && (token.expiresAt === null || new Date(token.expiresAt) > now)).length;
  return (
    <>
      <SettingsTabs />
      <PageHeader title="Access" verdict={`${formatNoun(sessions.length, 'open session')}; ${formatNoun(live, 'API token')} that ${live === 1 ? 'works' : 'work'}.`} actions={<NewToken />} />
      <Section title="API tokens" aside="for scripts: Authorization: Bearer wb_…">
        <TokenTable tokens={tokens} now={now.toISOString()} />
      </Section>
      <Section title="Sessions" aside="idle ones end after 12 h, all after 7 d">
        <SessionTable sessions={sessions} />
      </Section>
    </>
  );
}
