import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { LinkButton } from '#components/link-button.tsx';
import { links } from '#components/links.ts';
import { PageHeader } from '#components/page-header.tsx';
import { listAudit } from '#lib/operations/list-audit.ts';
import { pageContext } from '../../../page-context.ts';
import { SettingsTabs } from '../settings-tabs.tsx';
import { AuditTable } from './audit-table.tsx';

export const metadata: Metadata = { title: 'Audit' };

const PAGE = 200;

export default async function AuditPage({ searchParams }: { searchParams: Promise<Record<string, string | string[] | undefined>> }): Promise<ReactNode> {
  const { store } = await pageContext('administrator');
  const search = await searchParams;
  const text = (key: string) => (typeof search[key] === 'string' && search[key] !== '' ? search[key] : undefined);
  const page = await listAudit(store, { limit: PAGE, cursor: text('cursor'), action: text('action'), actor: text('actor') });
  return (
    <>
      <SettingsTabs />
      <PageHeader title="Audit" verdict="Who did what, and why. Written in the same transaction as the deed; nothing changes or deletes a line." />
      <AuditTable entries={page.items} />
      <div className="mt-3 flex gap-2">
        {text('cursor') ? <LinkButton href={links.settingsAudit({ action: text('action'), actor: text('actor') })}>Latest</LinkButton> : null}
        {page.nextCursor ? <LinkButton href={links.settingsAudit({ cursor: page.nextCursor, action: text('action'), actor: text('actor') })}>Older entries</LinkButton> : null}
      </div>
    </>
  );
}
