import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { LinkButton } from '#components/link-button.tsx';
import { EmptyState } from '#components/empty-state.tsx';
import { formatAge, formatNoun } from '#components/format.ts';
import { links } from '#components/links.ts';
import { LiveRefresh } from '#components/live.tsx';
import { PageHeader, Section } from '#components/page-header.tsx';
import { ProblemState } from '#components/problem-state.tsx';
import { readScope } from '#components/scope.ts';
import { allows } from '#lib/model/access.ts';
import { listAlertRules, type AlertRuleView } from '#lib/operations/list-alert-rules.ts';
import { listAlerts, type AlertView } from '#lib/operations/list-alerts.ts';
import { listWebhookEndpoints } from '#lib/operations/list-webhook-endpoints.ts';
import { readAlertTrends } from '#lib/operations/read-alert-trends.ts';
import { pageContext } from '../../page-context.ts';
import { AlertCard } from './alert-card.tsx';
import { AlertsTabs } from './alerts-tabs.tsx';

export const metadata: Metadata = { title: 'Alerts' };

const SHOWN = 200;

export default async function AlertsPage({ searchParams }: { searchParams: Promise<Record<string, string | string[] | undefined>> }): Promise<ReactNode> {
  const { store, principal, now } = await pageContext('viewer');
  const { cluster } = readScope(await searchParams);
  const [alerts, rules, endpoints] = await Promise.all([listAlerts(store, { phase: 'all', limit: SHOWN, ...(cluster === null ? {} : { cluster }) }, now), listAlertRules(store), listWebhookEndpoints(store, now)]);
  const kinds = new Map(rules.items.map((rule) => [rule.id, rule.kind]));
  const trends = await readAlertTrends(store, alerts.items.filter((alert) => alert.phase !== 'normal'), kinds, now);
  const firing = alerts.items.filter((alert) => alert.phase === 'firing' || alert.phase === 'recovering');
  const pending = alerts.items.filter((alert) => alert.phase === 'pending');
  const resolved = alerts.items.filter((alert) => alert.phase === 'normal').slice(0, 50);
  const mayAct = allows(principal.role, 'operator');
  const list = (items: AlertView[], label: string) => (
    <ul aria-label={label} className="panel divide-y divide-line">
      {items.map((alert) => (
        <AlertCard key={alert.id} alert={alert} kind={kinds.get(alert.ruleId)} trend={trends[alert.id]} mayAct={mayAct} anyReceiver={endpoints.items.some((endpoint) => endpoint.enabled)} />
      ))}
    </ul>
  );
  const stale = staleSince(rules.items, now);
  return (
    <>
      <LiveRefresh kinds={['alerts', 'deliveries']} />
      <AlertsTabs />
      <PageHeader title="Alerts" verdict={verdict(firing, pending, rules.items, now)} />
      {stale !== null ? (
        <ProblemState title={`Rules were last evaluated ${stale} ago`} severity="warning">
          What is below is from then, and nobody is called for what came after. Check that the collectors run: <code>npm run collect</code>, or the collectors under Settings.
        </ProblemState>
      ) : null}
      {endpoints.total === 0 ? (
        <ProblemState title="Nobody is told of alerts" severity="warning" actions={<LinkButton small href={links.webhooks()}>Add a webhook</LinkButton>}>
          Rules are evaluated and shown here, but there is no webhook that a message could go to.
        </ProblemState>
      ) : null}
      {firing.length > 0 ? (
        <Section title="Firing" aside={formatNoun(firing.length, 'alert')}>
          {list(firing, 'Firing alerts, most urgent first')}
        </Section>
      ) : null}
      {pending.length > 0 ? (
        <Section title="Pending" aside="not long enough yet to call anybody">
          {list(pending, 'Pending alerts')}
        </Section>
      ) : null}
      {resolved.length > 0 ? (
        <Section title="Resolved lately" aside="kept for 30 d">
          {list(resolved, 'Resolved alerts, the latest first')}
        </Section>
      ) : null}
      {alerts.items.length === 0 ? (
        <EmptyState title={cluster === null ? 'No alert has fired yet' : `No alert of ${cluster} has fired yet`} actions={<LinkButton href={links.rules()}>Read the rules</LinkButton>}>
          {formatNoun(rules.items.filter((rule) => rule.enabled).length, 'rule')} {rules.items.length === 1 ? 'watches' : 'watch'} over groups, dead letters, replays and the collectors. What breaches one appears here, with who was told and whether it arrived.
        </EmptyState>
      ) : null}
    </>
  );
}

function verdict(firing: readonly AlertView[], pending: readonly AlertView[], rules: readonly AlertRuleView[], now: Date): string {
  const [first] = firing;
  const silenced = firing.filter((alert) => alert.silencedBy !== null).length;
  if (first === undefined) {
    const watching = rules.filter((rule) => rule.enabled).length;
    return pending.length === 0 ? `Nothing fires. ${formatNoun(watching, 'rule')} ${watching === 1 ? 'watches' : 'watch'}.` : `Nothing fires yet; ${formatNoun(pending.length, 'alert')} may soon.`;
  }
  const oldest = firing.reduce((min, alert) => (alert.firingSince !== null && alert.firingSince < min ? alert.firingSince : min), first.firingSince ?? now.toISOString());
  if (firing.length === 1) return `One alert fires${silenced === 1 ? ', silenced' : ''}: ${first.sentence}`;
  return `${formatNoun(firing.length, 'alert')} fire, the oldest for ${formatAge(now.getTime() - new Date(oldest).getTime())}${silenced === 0 ? '' : `; ${silenced === firing.length ? 'all are' : `${silenced} of them ${silenced === 1 ? 'is' : 'are'}`} silenced`}.`;
}

function staleSince(rules: readonly AlertRuleView[], now: Date): string | null {
  const latest = rules.map((rule) => rule.lastEvaluatedAt).filter((at) => at !== null).toSorted().at(-1);
  if (latest === undefined) return null;
  const age = now.getTime() - new Date(latest).getTime();
  return age > 120_000 ? formatAge(age) : null;
}
