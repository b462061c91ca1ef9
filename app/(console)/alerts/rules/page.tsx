import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { formatNoun } from '#components/format.ts';
import { LiveRefresh } from '#components/live.tsx';
import { PageHeader } from '#components/page-header.tsx';
import { allows } from '#lib/model/access.ts';
import { listAlertRules } from '#lib/operations/list-alert-rules.ts';
import { listWebhookEndpoints } from '#lib/operations/list-webhook-endpoints.ts';
import { pageContext } from '../../../page-context.ts';
import { AlertsTabs } from '../alerts-tabs.tsx';
import { RuleList } from './rule-list.tsx';

export const metadata: Metadata = { title: 'Alert rules' };

export default async function RulesPage({ searchParams }: { searchParams: Promise<Record<string, string | string[] | undefined>> }): Promise<ReactNode> {
  const { store, principal, now } = await pageContext('viewer');
  const [rules, endpoints, { rule }] = await Promise.all([listAlertRules(store), listWebhookEndpoints(store, now), searchParams]);
  const on = rules.items.filter((item) => item.enabled).length;
  const firing = rules.items.filter((item) => item.firing > 0).length;
  return (
    <>
      <LiveRefresh kinds={['alerts']} everyMs={5_000} />
      <AlertsTabs />
      <PageHeader title="Rules" verdict={`${formatNoun(on, 'rule')} ${on === 1 ? 'watches' : 'watch'}${on < rules.items.length ? `, ${formatNoun(rules.items.length - on, 'is', 'are')} off` : ''}; ${firing === 0 ? 'none is breached' : `${formatNoun(firing, 'is', 'are')} breached now`}.`} />
      <RuleList
        rules={rules.items}
        endpoints={endpoints.items.map(({ id, name }) => ({ id, name }))}
        barred={allows(principal.role, 'operator') ? null : `This needs the role operator; you have ${principal.role}.`}
        marked={typeof rule === 'string' ? rule : null}
      />
    </>
  );
}
