import Link from 'next/link';
import type { ReactNode } from 'react';
import { LinkButton } from '#components/link-button.tsx';
import { formatCount, formatDuration } from '#components/format.ts';
import { links } from '#components/links.ts';
import { RelativeTime } from '#components/relative-time.tsx';
import { StateChip } from '#components/state-chip.tsx';
import type { AlertView } from '#lib/operations/list-alerts.ts';
import type { AlertTrend } from '#lib/operations/read-alert-trends.ts';
import { ThresholdSpark } from './threshold-spark.tsx';

interface AlertCardProps {
  alert: AlertView;
  /** Kind of its rule, where the rule still exists. */
  kind: string | undefined;
  trend: AlertTrend | undefined;
  mayAct: boolean;
  /** There is somebody to tell. */
  anyReceiver: boolean;
}

/** One alert: what is wrong, since when, the figure against its limit, who was told and whether it arrived. */
export function AlertCard({ alert, kind, trend, mayAct, anyReceiver }: AlertCardProps): ReactNode {
  const since = alert.phase === 'normal' ? alert.resolvedAt : alert.phase === 'pending' ? alert.pendingSince : alert.firingSince;
  const missing = alert.missingSince !== null;
  return (
    <li id={alert.id} className="flex flex-col gap-2 px-4 py-3">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-96">
          <div className="flex flex-wrap items-center gap-2">
            <StateChip state={alert.silencedBy ? 'silenced' : alert.phase === 'normal' ? 'resolved' : alert.phase} />
            {alert.state === 'no-data' || alert.state === 'error' ? <StateChip state={alert.state} title="Its figure is unknown now; it stays what it was." /> : null}
            {alert.phase === 'firing' || alert.phase === 'recovering' ? <StateChip state={alert.severity} /> : null}
            <span className="text-xs text-muted">
              {alert.phase === 'normal' ? 'resolved ' : alert.phase === 'pending' ? 'began ' : 'fired '}
              <RelativeTime at={since} />
            </span>
          </div>
          <p className="mt-1 font-medium [overflow-wrap:anywhere]">{alert.sentence}</p>
          <p className="mt-0.5 text-xs text-muted [overflow-wrap:anywhere]">
            <Link href={links.rules({ rule: alert.ruleId })} prefetch={false} className="text-accent-ink underline underline-offset-2">
              {alert.rule}
            </Link>
            {figure(alert, kind)}
            {missing ? (
              <>
                {' · figure unknown since '}
                <RelativeTime at={alert.missingSince} />
              </>
            ) : null}
          </p>
        </div>
        {trend ? <ThresholdSpark values={trend.values} threshold={alert.threshold} unit={trend.unit} /> : null}
        <div className="flex flex-wrap gap-2">
          <LinkButton small href={alert.path}>
            {subject(alert)}
          </LinkButton>
          {mayAct && alert.phase !== 'normal' && !alert.silencedBy ? (
            <LinkButton small look="quiet" href={alert.silencePath}>
              Silence…
            </LinkButton>
          ) : null}
        </div>
      </div>
      <Told alert={alert} anyReceiver={anyReceiver} />
    </li>
  );
}

function figure(alert: AlertView, kind: string | undefined): string {
  if (alert.value === null || alert.threshold === null || kind === undefined) return '';
  switch (kind) {
    case 'group-lag-seconds':
    case 'collector-stale':
      return ` · ${formatDuration(alert.value * 1_000)}, limit ${formatDuration(alert.threshold * 1_000)}`;
    case 'group-lag-records':
    case 'dead-letter-rate':
    case 'replay-failed-again':
    case 'missing-hop':
      return ` · ${formatCount(alert.value)}, limit ${formatCount(alert.threshold)}`;
    default:
      return '';
  }
}

function subject(alert: AlertView): string {
  if (alert.labels['finding'] !== undefined) return 'Open the finding';
  if (alert.labels['group'] !== undefined) return 'Open the group';
  if (alert.labels['topic'] !== undefined) return 'Open dead letters';
  if (alert.labels['step'] !== undefined) return 'Open the events';
  if (alert.labels['replay'] !== undefined) return 'Open the replay';
  if (alert.labels['failure'] !== undefined) return 'Open the failure';
  if (alert.labels['endpoint'] !== undefined) return 'Open webhooks';
  return 'Open settings';
}

function Told({ alert, anyReceiver }: { alert: AlertView; anyReceiver: boolean }): ReactNode {
  if (alert.silencedBy) {
    return (
      <p className="text-xs text-muted">
        Silenced until <RelativeTime at={alert.silencedBy.endsAt} as="clock" />.{' '}
        <Link href={links.silences()} prefetch={false} className="text-accent-ink underline underline-offset-2">
          Show silences
        </Link>
      </p>
    );
  }
  if (alert.phase === 'pending') return <p className="text-xs text-muted">Nobody is told until it has lasted as long as the rule says.</p>;
  if (alert.told.length === 0) {
    return alert.phase === 'normal' || !anyReceiver ? null : <p className="text-xs text-muted">Nobody has been told yet: a group of alerts is told once it is complete.</p>;
  }
  return (
    <ul aria-label="Who was told" className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted">
      {alert.told.map((told) => (
        <li key={told.endpointId} className="flex items-center gap-1.5">
          <Link href={links.webhook(told.endpointId, told.deliveryId === null ? {} : { delivery: told.deliveryId })} prefetch={false} className="text-accent-ink underline underline-offset-2">
            {told.endpoint}
          </Link>
          {told.deliveryId === null ? (
            <span>
              {told.nextNotifyAt ? (
                <>
                  is told <RelativeTime at={told.nextNotifyAt} />
                </>
              ) : (
                'not told yet'
              )}
            </span>
          ) : (
            <>
              <StateChip state={told.state ?? 'unknown'} {...(told.error === null ? {} : { title: told.error })} />
              <RelativeTime at={told.at} />
              {told.error !== null && told.state !== 'delivered' ? <span className="max-w-72 truncate" title={told.error}>{told.error}</span> : null}
            </>
          )}
        </li>
      ))}
    </ul>
  );
}
