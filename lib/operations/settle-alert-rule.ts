// The step from readings to the outbox, inside ONE transaction: alert states, the notification log of each endpoint and
// the deliveries commit together or not at all. Alertmanager and Grafana keep these apart and lose alerts on a restart.

import { evaluateAlert, isActive, NEW_INSTANCE } from '#lib/alert/evaluate-alert.ts';
import { fingerprintLabels } from '#lib/alert/fingerprint-labels.ts';
import { groupKeyOf, groupKeyPrefix, groupLabelsOf } from '#lib/alert/group-key.ts';
import { judgeAbsent } from '#lib/alert/judge-facts.ts';
import { linkAlert } from '#lib/alert/link-alert.ts';
import { findSilence } from '#lib/alert/match-silence.ts';
import { EMPTY_LOG, planNotification, type NotificationPlan } from '#lib/alert/plan-notification.ts';
import type { AlertEffect, EndpointFormat, GroupingTimings, Labels, NotifiedAlert, Observation, Reading } from '#lib/model/alert.ts';
import { readActiveSilences } from '#lib/store/alerts/read-active-silences.ts';
import { readAlertsOfRule } from '#lib/store/alerts/read-alerts-of-rule.ts';
import { readGroupLogs } from '#lib/store/alerts/read-group-logs.ts';
import { readReceivers } from '#lib/store/alerts/read-receivers.ts';
import { saveAlerts, type SavedAlert } from '#lib/store/alerts/save-alerts.ts';
import { saveGroupLog } from '#lib/store/alerts/save-group-log.ts';
import { enqueueDelivery } from '#lib/store/deliveries/enqueue-delivery.ts';
import type { Statements } from '#lib/store/store.ts';
import { composeBody } from '#lib/webhook/compose-body.ts';
import { newWebhookId } from '#lib/webhook/new-webhook-id.ts';
import type { AlertRule } from './alert-rule-shape.ts';

/** gone: the rule is disabled or about to be deleted. failed: its figures could not be read; what is known of its alerts stays. */
export type RuleReadings = { kind: 'read'; readings: readonly Reading[] } | { kind: 'gone' } | { kind: 'failed'; message: string };

export interface SettleInput {
  rule: AlertRule;
  readings: RuleReadings;
  now: Date;
  timings: GroupingTimings;
  publicUrl: string;
}

export interface Settled {
  /** What happened, by kind. */
  effects: Partial<Record<AlertEffect, number>>;
  /** Ids of the messages that were put into the outbox. */
  enqueued: string[];
}

/** Evaluates every instance of a rule and plans what its endpoints are told. The rule's row must be locked by `tx`. */
export async function settleAlertRule(tx: Statements, input: SettleInput): Promise<Settled> {
  const { rule, now } = input;
  const alerts = new Map<string, SavedAlert>((await readAlertsOfRule(tx, rule.id)).map((alert) => [alert.fingerprint, alert]));
  const effects: Partial<Record<AlertEffect, number>> = {};
  const changed: SavedAlert[] = [];
  const seen = new Set<string>();

  const take = (fingerprint: string, labels: Labels, observation: Observation): void => {
    const known = alerts.get(fingerprint);
    const { next, effects: happened } = evaluateAlert(rule, known ?? NEW_INSTANCE, observation, now);
    for (const effect of happened) effects[effect] = (effects[effect] ?? 0) + 1;
    // 5,000 healthy groups are not 5,000 rows: an instance is stored from the moment it leaves normal.
    if (next.state === 'normal' && (known === undefined || known.state === 'normal')) return;
    // Nor is a healthy group that can't be read a row: the collector-stale rule says that once.
    if (next.heldPhase === 'normal' && (known === undefined || known.state === 'normal')) return;
    const saved: SavedAlert = { ...next, fingerprint, labels };
    alerts.set(fingerprint, saved);
    changed.push(saved);
  };

  for (const reading of input.readings.kind === 'read' ? input.readings.readings : []) {
    const labels: Labels = { ...reading.labels, alertname: rule.name, severity: rule.severity };
    const fingerprint = fingerprintLabels(labels);
    if (seen.has(fingerprint)) continue;
    seen.add(fingerprint);
    take(fingerprint, labels, reading.observation);
  }
  for (const alert of alerts.values()) {
    if (seen.has(alert.fingerprint) || alert.state === 'normal') continue;
    // A rule that was renamed has other labels now: what it said under the old ones ends.
    const stale = alert.labels['alertname'] !== rule.name || alert.labels['severity'] !== rule.severity;
    take(alert.fingerprint, alert.labels, stale ? { kind: 'gone' } : observeAbsent(input, alert.labels));
  }
  await saveAlerts(tx, rule.id, changed, now);
  return { effects, enqueued: await tellEndpoints(tx, input, [...alerts.values()]) };
}

function observeAbsent({ rule, readings }: SettleInput, labels: Labels): Observation {
  switch (readings.kind) {
    case 'read':
      return judgeAbsent(rule.params, labels);
    case 'gone':
      return { kind: 'gone' };
    case 'failed':
      return { kind: 'error', message: readings.message };
  }
}

async function tellEndpoints(tx: Statements, input: SettleInput, alerts: readonly SavedAlert[]): Promise<string[]> {
  const { rule, now, timings, publicUrl } = input;
  const logs = await readGroupLogs(tx, groupKeyPrefix(rule.id));
  const active = alerts.filter(isActive);
  if (active.length === 0 && logs.every((log) => log.told_firing.length === 0 && log.first_firing_at === null)) return [];

  const silences = await readActiveSilences(tx, now);
  const receivers = await readReceivers(tx);
  const wanted = new Set(rule.endpointIds.length === 0 ? receivers.map((receiver) => receiver.id) : rule.endpointIds);
  const enqueued: string[] = [];
  for (const receiver of receivers) {
    const keys = new Set(logs.filter((log) => log.endpoint_id === receiver.id).map((log) => log.group_key));
    if (wanted.has(receiver.id)) for (const alert of active) keys.add(groupKeyOf(rule.id, alert.labels));
    for (const groupKey of keys) {
      const row = logs.find((log) => log.endpoint_id === receiver.id && log.group_key === groupKey);
      const log = row === undefined ? EMPTY_LOG : { toldFiring: row.told_firing, firstFiringAt: row.first_firing_at, lastNotifiedAt: row.last_notified_at };
      // An endpoint that the rule no longer tells is still owed the end of what it was told.
      const group = alerts.filter((alert) => groupKeyOf(rule.id, alert.labels) === groupKey);
      const firing = wanted.has(receiver.id) ? group.filter(isActive) : [];
      const silenced = new Set(firing.filter((alert) => findSilence(silences, alert.labels, now) !== null).map((alert) => alert.fingerprint));
      const plan = planNotification(
        log,
        { firing: firing.map((alert) => alert.fingerprint).filter((fingerprint) => !silenced.has(fingerprint)), silenced: [...silenced] },
        timings,
        now,
      );
      const unchanged = plan.notify === null && sameTime(plan.next.firstFiringAt, log.firstFiringAt) && plan.next.toldFiring.length === log.toldFiring.length;
      if (unchanged) continue;
      const groupId = await saveGroupLog(tx, { endpointId: receiver.id, groupKey, ...plan.next, nextNotifyAt: plan.nextNotifyAt });
      if (plan.notify === null) continue;
      const told = selectTold(plan.notify, group, row?.undelivered_since ?? null);
      if (told.length === 0) continue;
      const id = newWebhookId(now);
      // By the plan, not by the alert: an endpoint that the rule no longer names is told the end of what may fire on.
      const firingNow = new Set(plan.notify.firing);
      const type = firingNow.size > 0 ? 'alert.firing' : 'alert.resolved';
      const payload = composeBody(
        {
          type,
          reason: plan.notify.reason,
          at: now.toISOString(),
          groupKey,
          receiver: receiver.name,
          groupLabels: groupLabelsOf(told[0]?.labels ?? {}),
          externalUrl: publicUrl,
          alerts: told.map((alert) => toNotified(alert, firingNow.has(alert.fingerprint), rule.id, publicUrl, now)),
        },
        receiver.format as EndpointFormat,
      );
      await enqueueDelivery(tx, { id, endpointId: receiver.id, alertGroupId: groupId, type, payload }, now);
      enqueued.push(id);
    }
  }
  return enqueued;
}

// The plan names what is new; what resolved in a message that never arrived is said again, because this one supersedes it.
function selectTold(notify: NonNullable<NotificationPlan['notify']>, group: readonly SavedAlert[], undeliveredSince: Date | null): SavedAlert[] {
  const firing = new Set(notify.firing);
  const named = new Set([...notify.firing, ...notify.resolved]);
  return group
    .filter((alert) => named.has(alert.fingerprint) || (undeliveredSince !== null && !isActive(alert) && alert.resolvedAt !== null && alert.resolvedAt >= undeliveredSince))
    .toSorted((left, right) => Number(firing.has(right.fingerprint)) - Number(firing.has(left.fingerprint)) || (left.fingerprint < right.fingerprint ? -1 : 1));
}

function toNotified(alert: SavedAlert, firing: boolean, ruleId: string, publicUrl: string, now: Date): NotifiedAlert {
  const missing = alert.missingSince === null ? '' : ` Its figure is unknown since ${alert.missingSince.toISOString()}; this is the last one.`;
  return {
    fingerprint: alert.fingerprint,
    status: firing ? 'firing' : 'resolved',
    labels: alert.labels,
    annotations: { summary: `${alert.sentence}${missing}` },
    startsAt: (alert.firingSince ?? now).toISOString(),
    endsAt: firing ? null : (isActive(alert) ? now : (alert.resolvedAt ?? now)).toISOString(),
    value: alert.value,
    threshold: alert.threshold,
    ...linkAlert(publicUrl, ruleId, alert.labels),
  };
}

function sameTime(left: Date | null, right: Date | null): boolean {
  return left?.getTime() === right?.getTime();
}
