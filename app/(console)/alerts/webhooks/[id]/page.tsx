import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import type { ReactNode } from 'react';
import { z } from 'zod';
import { Figure } from '#components/figure.tsx';
import { formatAge, formatCount, formatNoun } from '#components/format.ts';
import { LiveRefresh } from '#components/live.tsx';
import { Facts, PageHeader, Section } from '#components/page-header.tsx';
import { ProblemState } from '#components/problem-state.tsx';
import { RelativeTime } from '#components/relative-time.tsx';
import { StateChip } from '#components/state-chip.tsx';
import { WaybillError } from '#lib/errors.ts';
import { allows } from '#lib/model/access.ts';
import { getDelivery, listDeliveries } from '#lib/operations/list-deliveries.ts';
import { getWebhookEndpoint, maskEndpoint, type WebhookEndpointView } from '#lib/operations/list-webhook-endpoints.ts';
import { pageContext } from '../../../../page-context.ts';
import { AlertsTabs } from '../../alerts-tabs.tsx';
import { endpointState } from '../endpoint-state.ts';
import { DeliveryPanel } from './delivery-panel.tsx';
import { DeliveryTable } from './delivery-table.tsx';
import { EndpointActions } from './endpoint-actions.tsx';

export const metadata: Metadata = { title: 'Webhook' };

const SHOWN = 200;

/** What is not there (any more) is a page that says so, not an error. */
async function orNull<Result>(work: Promise<Result>, code: string): Promise<Result | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof WaybillError && error.code === code) return null;
    throw error;
  }
}

export default async function WebhookPage({ params, searchParams }: { params: Promise<{ id: string }>; searchParams: Promise<Record<string, string | string[] | undefined>> }): Promise<ReactNode> {
  const { store, principal, now } = await pageContext('viewer');
  const [{ id }, { delivery: chosen }] = await Promise.all([params, searchParams]);
  if (!z.uuid().safeParse(id).success) notFound();
  const found = await orNull(getWebhookEndpoint(store, id, now), 'webhook-endpoint-not-found');
  if (found === null) notFound();
  const endpoint = maskEndpoint(found, principal.role);
  const operator = allows(principal.role, 'operator');
  const administrator = allows(principal.role, 'administrator');
  const [deliveries, delivery] = await Promise.all([
    listDeliveries(store, { endpoint: id, limit: SHOWN }),
    operator && typeof chosen === 'string' ? orNull(getDelivery(store, chosen.slice(0, 100)), 'delivery-not-found') : null,
  ]);
  const state = endpointState(endpoint);
  return (
    <>
      <LiveRefresh kinds={['deliveries']} everyMs={1_000} />
      <AlertsTabs />
      <PageHeader
        title={endpoint.name}
        state={<StateChip state={state.state} label={state.word} />}
        verdict={verdict(endpoint, now)}
        actions={
          <EndpointActions
            endpoint={endpoint}
            barredTest={operator ? null : `This needs the role operator; you have ${principal.role}.`}
            barredChange={administrator ? null : `This needs the role administrator; you have ${principal.role}.`}
          />
        }
      />
      {endpoint.disabledReason ? (
        <ProblemState title="Waybill switched this webhook off">
          {endpoint.disabledReason} Alerts are not sent to it. Mend the receiver, send a test, then switch it on.
        </ProblemState>
      ) : null}
      <Section title="Facts">
        <div className="panel p-4">
          <Facts
            items={[
              { label: 'Goes to', value: endpoint.url },
              { label: 'Format', value: `${endpoint.format}${endpoint.signed ? ', signed' : ', not signed'}` },
              { label: 'Last success', value: <RelativeTime at={endpoint.lastSuccessAt} none="never" /> },
              ...(endpoint.failingSince ? [{ label: 'Failing since', value: <RelativeTime at={endpoint.failingSince} /> }] : []),
              { label: 'Answers in', value: endpoint.last24h.medianLatencyMs === null ? 'no answer in 24 h' : <Figure value={endpoint.last24h.medianLatencyMs} as="duration" /> },
              ...(endpoint.previousSecretUntil ? [{ label: 'Old secret signs until', value: <RelativeTime at={endpoint.previousSecretUntil} as="clock" /> }] : []),
              { label: 'Added', value: <>by {endpoint.createdBy}, <RelativeTime at={endpoint.createdAt} /></> },
            ]}
          />
        </div>
      </Section>
      <Section title="Deliveries" aside={deliveries.nextCursor === null ? formatNoun(deliveries.items.length, 'message') : `the latest ${SHOWN}; all by the API`}>
        <DeliveryTable endpointId={id} deliveries={deliveries.items} canOpen={operator} />
      </Section>
      {delivery !== null && delivery.endpointId === id ? <DeliveryPanel delivery={delivery} /> : null}
    </>
  );
}

function verdict(endpoint: WebhookEndpointView, now: Date): string {
  const { delivered, failed, waiting } = endpoint.last24h;
  const last = endpoint.lastAttempt;
  const figures = delivered + failed + waiting === 0 ? 'Nothing was sent in the last 24 h' : `${formatCount(delivered)} of ${formatNoun(delivered + failed + waiting, 'message')} arrived in the last 24 h${waiting > 0 ? `, ${formatCount(waiting)} ${waiting === 1 ? 'waits' : 'wait'}` : ''}`;
  if (endpoint.failingSince === null) return `${figures}.`;
  return `Failing for ${formatAge(now.getTime() - new Date(endpoint.failingSince).getTime())}: ${last?.error ?? 'the last attempt failed.'} ${figures}.`;
}
