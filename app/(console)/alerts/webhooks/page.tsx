import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { formatNoun } from '#components/format.ts';
import { LiveRefresh } from '#components/live.tsx';
import { PageHeader } from '#components/page-header.tsx';
import { allows } from '#lib/model/access.ts';
import { listWebhookEndpoints, maskEndpoint } from '#lib/operations/list-webhook-endpoints.ts';
import { pageContext } from '../../../page-context.ts';
import { AlertsTabs } from '../alerts-tabs.tsx';
import { EndpointDialog } from './endpoint-dialog.tsx';
import { EndpointTable } from './endpoint-table.tsx';

export const metadata: Metadata = { title: 'Webhooks' };

export default async function WebhooksPage(): Promise<ReactNode> {
  const { store, principal, now } = await pageContext('viewer');
  const { items } = await listWebhookEndpoints(store, now);
  const failing = items.filter((item) => item.failingSince !== null || item.disabledReason !== null);
  const off = items.filter((item) => !item.enabled && item.disabledReason === null).length;
  return (
    <>
      <LiveRefresh kinds={['deliveries']} />
      <AlertsTabs />
      <PageHeader
        title="Webhooks"
        verdict={
          items.length === 0
            ? 'Nobody is told of alerts.'
            : failing.length === 0
              ? `${formatNoun(items.length, 'webhook')}${off === 0 ? '' : `, ${off} switched off`}; none fails.`
              : `${failing.map((item) => item.name).slice(0, 3).join(', ')}${failing.length > 3 ? ` and ${failing.length - 3} more` : ''} ${failing.length === 1 ? 'fails' : 'fail'}: what goes there does not arrive.`
        }
        actions={<EndpointDialog endpoint={null} label="Add a webhook" look="primary" barred={allows(principal.role, 'administrator') ? null : `This needs the role administrator; you have ${principal.role}.`} />}
      />
      <EndpointTable endpoints={items.map((item) => maskEndpoint(item, principal.role))} />
    </>
  );
}
