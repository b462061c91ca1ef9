import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ENDPOINT_FORMATS, type Notification, type NotifiedAlert } from '#lib/model/alert.ts';
import { composeBody, MAX_BODY_BYTES } from './compose-body.ts';

const alert = (over: Partial<NotifiedAlert> = {}): NotifiedAlert => ({
  fingerprint: '0011223344556677',
  status: 'firing',
  labels: { alertname: 'Behind', severity: 'critical', cluster: 'prod', group: 'billing' },
  annotations: { summary: 'billing is 1,300 records behind, more than 1,000.' },
  startsAt: '2026-11-21T08:00:00.000Z',
  endsAt: null,
  value: 1_300,
  threshold: 1_000,
  generatorUrl: 'https://w.example/alerts/rules?rule=1',
  silenceUrl: 'https://w.example/alerts/silences?new=1&match=group%3Dbilling',
  dashboardUrl: 'https://w.example/lag/prod/billing',
  ...over,
});
const notification = (over: Partial<Notification> = {}): Notification => ({
  type: 'alert.firing',
  reason: 'new-firing',
  at: '2026-11-21T08:00:30.000Z',
  groupKey: 'rule:1:{"cluster":"prod"}',
  receiver: 'ops',
  groupLabels: { alertname: 'Behind', cluster: 'prod' },
  externalUrl: 'https://w.example',
  alerts: [alert()],
  ...over,
});
const parse = <Body>(text: string): Body => JSON.parse(text) as Body;

describe('composeBody', () => {
  it('wraps the Alertmanager body in the Standard Webhooks envelope, and sends it bare in the compatible mode', () => {
    const standard = parse<{ type: string; timestamp: string; data: Record<string, unknown> }>(composeBody(notification(), 'standard'));
    assert.deepEqual([standard.type, standard.timestamp], ['alert.firing', '2026-11-21T08:00:30.000Z']);
    assert.deepEqual(parse(composeBody(notification(), 'alertmanager')), standard.data);
    assert.deepEqual(standard.data, {
      version: '4',
      groupKey: 'rule:1:{"cluster":"prod"}',
      truncatedAlerts: 0,
      status: 'firing',
      receiver: 'ops',
      groupLabels: { alertname: 'Behind', cluster: 'prod' },
      commonLabels: { alertname: 'Behind', severity: 'critical', cluster: 'prod', group: 'billing' },
      commonAnnotations: { summary: 'billing is 1,300 records behind, more than 1,000.' },
      externalURL: 'https://w.example',
      reason: 'new-firing',
      alerts: [
        {
          status: 'firing',
          labels: { alertname: 'Behind', severity: 'critical', cluster: 'prod', group: 'billing' },
          annotations: { summary: 'billing is 1,300 records behind, more than 1,000.' },
          startsAt: '2026-11-21T08:00:00.000Z',
          endsAt: '0001-01-01T00:00:00Z',
          generatorURL: 'https://w.example/alerts/rules?rule=1',
          fingerprint: '0011223344556677',
          values: { value: 1_300, threshold: 1_000 },
          silenceURL: 'https://w.example/alerts/silences?new=1&match=group%3Dbilling',
          dashboardURL: 'https://w.example/lag/prod/billing',
        },
      ],
    });
  });

  it('keeps only the labels that all alerts share in commonLabels', () => {
    const other = alert({ labels: { alertname: 'Behind', severity: 'critical', cluster: 'prod', group: 'audit' } });
    const body = parse<{ commonLabels: unknown; commonAnnotations: unknown }>(composeBody(notification({ alerts: [alert(), other] }), 'alertmanager'));
    assert.deepEqual(body.commonLabels, { alertname: 'Behind', severity: 'critical', cluster: 'prod' });
  });

  it('lets no name mention, link or format anything in Slack and Teams', () => {
    const hostile = alert({ annotations: { summary: '<!channel> & <https://evil.example|click> *bold* [x](https://evil.example)' } });
    const slack = composeBody(notification({ alerts: [hostile] }), 'slack');
    assert.ok(!slack.includes('<!channel>') && !slack.includes('<https://evil'), slack);
    assert.match(slack, /&lt;!channel&gt; &amp; &lt;https:/);
    const teams = parse<{ attachments: { content: { body: { text: string }[] } }[] }>(composeBody(notification({ alerts: [hostile] }), 'teams'));
    assert.match(teams.attachments[0]?.content.body[1]?.text ?? '', /\\<!channel\\> & .*\\\*bold\\\* \\\[x\\\]\\\(https/);
  });

  it('gives PagerDuty one incident per group, opened and closed by the same key, without the routing key', () => {
    type Body = { event_action: string; dedup_key: string; routing_key: string; payload: { summary: string; severity: string } };
    const firing = parse<Body>(composeBody(notification(), 'pagerduty'));
    const resolved = parse<Body>(composeBody(notification({ type: 'alert.resolved', alerts: [alert({ status: 'resolved', endsAt: '2026-11-21T09:00:00.000Z' })] }), 'pagerduty'));
    assert.deepEqual([firing.event_action, resolved.event_action], ['trigger', 'resolve']);
    assert.equal(firing.dedup_key, createHash('sha256').update('rule:1:{"cluster":"prod"}').digest('hex'));
    assert.equal(resolved.dedup_key, firing.dedup_key);
    assert.deepEqual([firing.routing_key, firing.payload.severity], ['', 'critical']);
    assert.ok(firing.payload.summary.length <= 1_024);
  });

  it('stays under 20 kB whatever it is told, and counts what it left out', () => {
    const text = fc.string({ unit: 'binary', maxLength: 3_000 });
    fc.assert(
      fc.property(fc.constantFrom(...ENDPOINT_FORMATS), fc.array(fc.tuple(text, text), { maxLength: 120 }), (format, pairs) => {
        const alerts = pairs.map(([group, summary]) => alert({ labels: { alertname: 'Behind', cluster: 'prod', group }, annotations: { summary } }));
        const body = composeBody(notification({ alerts }), format);
        assert.ok(Buffer.byteLength(body) < MAX_BODY_BYTES, `${Buffer.byteLength(body)} bytes`);
        if (format === 'alertmanager') {
          const parsed = parse<{ alerts: unknown[]; truncatedAlerts: number }>(body);
          assert.equal(parsed.alerts.length + parsed.truncatedAlerts, alerts.length);
        }
      }),
      { numRuns: 60 },
    );
  });
});
