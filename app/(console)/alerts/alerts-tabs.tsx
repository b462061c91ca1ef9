import type { ReactNode } from 'react';
import { links } from '#components/links.ts';
import { PageTabs } from '#components/page-tabs.tsx';

const PAGES = [
  ['Alerts', links.alerts()],
  ['Rules', links.rules()],
  ['Silences', links.silences()],
  ['Webhooks', links.webhooks()],
] as const;

/** The pages of alerting, each with its own address. */
export function AlertsTabs(): ReactNode {
  return <PageTabs label="Alerts" pages={PAGES} />;
}
