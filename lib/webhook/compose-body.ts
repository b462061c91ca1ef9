// A notification in the shape a receiver expects. The text made here is stored, signed and sent byte for byte.

import { createHash } from 'node:crypto';
import type { EndpointFormat, Labels, Notification, NotifiedAlert } from '#lib/model/alert.ts';

/** Receivers (and people) choke on more; what does not fit is counted in truncatedAlerts. */
export const MAX_BODY_BYTES = 20_000;
const MAX_ALERTS = 50;
const MAX_TEXT = 500;

/** The body for an endpoint of this format. Always under MAX_BODY_BYTES. */
export function composeBody(notification: Notification, format: EndpointFormat): string {
  for (let shown = Math.min(notification.alerts.length, MAX_ALERTS); ; shown = Math.floor(shown / 2)) {
    const body = compose(notification, format, shown);
    if (Buffer.byteLength(body) < MAX_BODY_BYTES || shown === 0) return body;
  }
}

function compose(notification: Notification, format: EndpointFormat, shown: number): string {
  switch (format) {
    case 'standard':
      return JSON.stringify({ type: notification.type, timestamp: notification.at, data: alertmanagerBody(notification, shown) });
    case 'alertmanager':
      return JSON.stringify(alertmanagerBody(notification, shown));
    case 'slack':
      return JSON.stringify(slackBody(notification, shown));
    case 'pagerduty':
      return JSON.stringify(pagerdutyBody(notification, shown));
    case 'teams':
      return JSON.stringify(teamsBody(notification, shown));
  }
}

function statusOf(notification: Notification): 'firing' | 'resolved' {
  return notification.type === 'alert.resolved' ? 'resolved' : 'firing';
}

/** Alertmanager's webhook body, version 4 (prometheus.io/docs/alerting/latest/configuration/#webhook_config), with Waybill's links in each alert. */
function alertmanagerBody(notification: Notification, shown: number): Record<string, unknown> {
  const alerts = notification.alerts.slice(0, shown);
  return {
    version: '4',
    groupKey: notification.groupKey,
    truncatedAlerts: notification.alerts.length - alerts.length,
    status: statusOf(notification),
    receiver: notification.receiver,
    groupLabels: clipAll(notification.groupLabels),
    commonLabels: clipAll(commonOf(notification.alerts.map((alert) => alert.labels))),
    commonAnnotations: clipAll(commonOf(notification.alerts.map((alert) => alert.annotations))),
    externalURL: notification.externalUrl,
    reason: notification.reason,
    alerts: alerts.map((alert) => ({
      status: alert.status,
      labels: clipAll(alert.labels),
      annotations: clipAll(alert.annotations),
      startsAt: alert.startsAt,
      // Alertmanager's way of saying "not yet": Go's zero time.
      endsAt: alert.endsAt ?? '0001-01-01T00:00:00Z',
      generatorURL: alert.generatorUrl,
      fingerprint: alert.fingerprint,
      values: { ...(alert.value === null ? {} : { value: alert.value }), ...(alert.threshold === null ? {} : { threshold: alert.threshold }) },
      silenceURL: alert.silenceUrl,
      dashboardURL: alert.dashboardUrl,
    })),
  };
}

/** Labels that every alert of the notification has with the same value. */
function commonOf(sets: readonly Labels[]): Labels {
  const [first, ...rest] = sets;
  if (first === undefined) return {};
  return Object.fromEntries(Object.entries(first).filter(([name, value]) => rest.every((labels) => labels[name] === value)));
}

function clip(text: string, length = MAX_TEXT): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

function clipAll(labels: Labels): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [clip(name), clip(value)]));
}

function sentenceOf(alert: NotifiedAlert): string {
  return alert.annotations['summary'] ?? Object.values(alert.labels).join(' ');
}

function titleOf(notification: Notification): string {
  const name = notification.groupLabels['alertname'] ?? 'Waybill';
  if (notification.type === 'webhook.test') return 'Test from Waybill: this webhook works.';
  const firing = notification.alerts.filter((alert) => alert.status === 'firing').length;
  const again = notification.reason === 'repeat' ? ', still' : '';
  return firing > 0 ? `${name}: ${firing} firing${again}` : `${name}: resolved`;
}

/** Slack reads & < > as control characters; with them escaped a group's name can not mention or link (api.slack.com, formatting text). */
function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function slackBody(notification: Notification, shown: number): Record<string, unknown> {
  const lines = notification.alerts.slice(0, Math.min(shown, 20)).map((alert) => {
    const mark = alert.status === 'firing' ? ':red_circle:' : ':white_check_mark:';
    const links = notification.type === 'webhook.test' ? '' : `  <${encodeSlackUrl(alert.dashboardUrl)}|Open> · <${encodeSlackUrl(alert.silenceUrl)}|Silence>`;
    return `${mark} ${escapeSlack(clip(sentenceOf(alert), 300))}${links}`;
  });
  const rest = notification.alerts.length - lines.length;
  const title = escapeSlack(clip(titleOf(notification), 150));
  return {
    text: title,
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: clip(`*${title}*`, 2_900) } },
      // A section takes 3,000 characters: one line each keeps a cut from splitting a link.
      ...lines.map((line) => ({ type: 'section', text: { type: 'mrkdwn', text: clip(line, 2_900) } })),
      ...(rest > 0 ? [{ type: 'context', elements: [{ type: 'mrkdwn', text: `and ${rest} more: <${encodeSlackUrl(`${notification.externalUrl}/alerts`)}|all alerts>` }] }] : []),
    ],
  };
}

function encodeSlackUrl(url: string): string {
  return url.replaceAll('&', '&amp;').replaceAll('<', '%3C').replaceAll('>', '%3E').replaceAll('|', '%7C');
}

/** PagerDuty Events API v2. The routing key is the endpoint's secret: it is put in when the request is sent, never stored here. */
function pagerdutyBody(notification: Notification, shown: number): Record<string, unknown> {
  const first = notification.alerts[0];
  const severity = notification.alerts.some((alert) => alert.labels['severity'] === 'critical') ? 'critical' : notification.alerts.some((alert) => alert.labels['severity'] === 'warning') ? 'warning' : 'info';
  return {
    routing_key: '',
    event_action: statusOf(notification) === 'firing' ? 'trigger' : 'resolve',
    dedup_key: createHash('sha256').update(notification.groupKey).digest('hex'),
    client: 'Waybill',
    client_url: notification.externalUrl,
    payload: {
      summary: clip([titleOf(notification), ...(first === undefined ? [] : [sentenceOf(first)])].join('. '), 1_024),
      source: clip(notification.groupLabels['cluster'] ?? 'waybill', 255),
      severity,
      timestamp: notification.at,
      custom_details: { alerts: notification.alerts.slice(0, shown).map((alert) => ({ status: alert.status, sentence: clip(sentenceOf(alert)), labels: clipAll(alert.labels) })) },
    },
    links: first === undefined ? [] : [{ href: first.dashboardUrl, text: 'Open in Waybill' }, { href: first.silenceUrl, text: 'Silence' }],
  };
}

/** An Adaptive Card in the envelope of Teams' Workflows webhooks. TextBlocks take markdown, so names go through escapeMarkdown. */
function teamsBody(notification: Notification, shown: number): Record<string, unknown> {
  const lines = notification.alerts.slice(0, Math.min(shown, 20));
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [
            { type: 'TextBlock', weight: 'Bolder', size: 'Medium', wrap: true, text: escapeMarkdown(titleOf(notification)) },
            ...lines.map((alert) => ({ type: 'TextBlock', wrap: true, text: `${alert.status === 'firing' ? '🔴' : '✅'} ${escapeMarkdown(clip(sentenceOf(alert), 300))}` })),
            ...(notification.alerts.length > lines.length ? [{ type: 'TextBlock', isSubtle: true, text: `and ${notification.alerts.length - lines.length} more` }] : []),
          ],
          actions: lines.slice(0, 1).flatMap((alert) => [
            { type: 'Action.OpenUrl', title: 'Open', url: alert.dashboardUrl },
            { type: 'Action.OpenUrl', title: 'Silence', url: alert.silenceUrl },
          ]),
        },
      },
    ],
  };
}

function escapeMarkdown(text: string): string {
  return text.replaceAll(/[\\`*_[\]()#~<>]/g, (character) => `\\${character}`);
}
