import { describeKind } from '#lib/hygiene/describe-kind.ts';
import { subjectText } from '#lib/model/hygiene.ts';
import { readFindings } from '#lib/store/hygiene/findings.ts';
import { listActiveAlerts, listFailingCollectors } from '#lib/store/overview/list-active.ts';
import { countGroupsByStatus, listUrgentFailures, listUrgentGroups, listWorstGroups, readDeadLetterTrend, readOverviewCounts } from '#lib/store/overview/read-overview.ts';
import { readRules } from '#lib/store/replays/replay-rules.ts';
import type { Store } from '#lib/store/store.ts';
import { getGroupHistory } from './get-group-history.ts';
import { listProposedTopics } from './list-dead-letter-topics.ts';
import { listMissedSteps } from './list-missed-steps.ts';
import { readTopicThroughput, type TopicThroughput } from './read-throughput.ts';

/** A thing that needs a person now. Times ISO 8601; counts that can be large are decimal strings. */
export type Need =
  | { kind: 'cluster'; cluster: string; state: string; since: string | null; error: string | null }
  | { kind: 'alert'; id: string; rule: string; sentence: string; severity: string; since: string | null }
  | { kind: 'group'; cluster: string; group: string; status: string; since: string | null; lag: string | null; lagMs: number | null; atLeast: boolean; topics: string[] }
  | { kind: 'failure'; id: string; cluster: string; errorClass: string | null; message: string | null; frame: string | null; fresh: number; since: string; topics: string[] }
  | { kind: 'replay'; id: string; state: string; since: string; reason: string; target: string | null; by: string; records: string | null }
  | { kind: 'replay-rule'; failure: string; cluster: string; errorClass: string | null; why: string; since: string | null; by: string }
  | { kind: 'found-topics'; topics: string[]; count: number }
  | { kind: 'journeys'; count: number }
  /** Events that never reached a hop of their usual path, its time being over in the last hour. */
  | { kind: 'missed'; entryType: string; step: string; text: string; count: number }
  /** Critical findings about the way events are written, read and passed on: the first, and how many there are. */
  | { kind: 'hygiene'; id: string; cluster: string; title: string; subject: string; sentence: string; count: number }
  | { kind: 'collector'; name: string; since: string | null; error: string | null }
  | { kind: 'endpoint'; id: string; name: string; reason: string | null };

export interface Overview {
  /** The most urgent first; of each kind only the first few. */
  needs: Need[];
  /** How many there are in all, and how many of each kind the list leaves out. */
  needCount: number;
  more: { groups: number; failures: number; replays: number; alerts: number };
  groups: { total: number; byStatus: Record<string, number> };
  deadLetters: { fresh: number; lastAt: string | null; perHour: number[] };
  /** Of every cluster, whichever is chosen: an event may cross several. */
  journeys: { hour: number; done: number; stuck: number };
  replays: { open: number };
  alerts: { firing: number; oldestSince: string | null };
  /** Lag of the groups that are furthest behind, over the range. */
  worst: { cluster: string; group: string; points: { at: string; lag: string | null; lagMs: number | null }[] }[];
  throughput: TopicThroughput;
}

/** Statuses of groups that a person should look at, the most urgent first (lib/model/lag.ts). */
const URGENT = ['losing-data', 'stopped', 'stalled', 'rewound', 'falling-behind', 'expired'];
const WORST = 5;
const GROUPS_SHOWN = 10;
const FAILURES_SHOWN = 5;
const ALERTS_SHOWN = 5;
const COLLECTOR_FAILURES = 3;
const MISSED = { shown: 3, withinSeconds: 3_600 };
const REPLAYS_SHOWN = 5;
const RULES_SHOWN = 3;
const RULES_READ = 500;
const FINDINGS_COUNTED = 100;
/** Replays that go on only when a person acts, the most urgent first. */
const WAITING_REPLAYS = ['needs-decision', 'canary', 'awaiting-approval'];
// What people were told of and not yet of its end: an alert whose figure went unknown stays what it was (lib/alert/evaluate-alert.ts).
const ACTIVE_PHASES = ['firing', 'recovering'];

/**
 * What needs a person now, most urgent first, and the figures beside it.
 * @param input.cluster name of a cluster: what is about another one is left out. What is about none in particular (journeys, webhooks, the collectors that
 * all clusters share, alerts of rules about journeys) stays. null: all clusters
 */
export async function readOverview(store: Store, input: { cluster: string | null; now: Date; rangeMs: number }): Promise<Overview> {
  const { cluster, now } = input;
  // A name that is not there fits nothing.
  const clusterId = cluster === null ? null : ((await store.prisma.cluster.findUnique({ where: { name: cluster }, select: { id: true } }))?.id ?? -1);
  const ofCluster = clusterId === null ? {} : { clusterId };
  const [clusters, alerts, groups, failures, waiting, waitingCount, ruleRows, proposed, findings, collectors, endpoints, byStatus, counts, perHour, worst, throughput, missed] = await Promise.all([
    store.prisma.cluster.findMany({ where: { state: { in: ['down', 'partial'] }, ...(cluster ? { name: cluster } : {}) }, orderBy: { downSince: 'asc' }, take: 10 }),
    listActiveAlerts(store, { cluster, phases: ACTIVE_PHASES, limit: ALERTS_SHOWN }),
    listUrgentGroups(store, { cluster, statuses: URGENT, now, limit: GROUPS_SHOWN }),
    listUrgentFailures(store, { cluster, now, limit: FAILURES_SHOWN }),
    // State by state: a replay that needs a decision is not hidden behind older ones that wait for an approval.
    Promise.all(WAITING_REPLAYS.map((state) => store.prisma.replay.findMany({ where: { state, ...ofCluster }, orderBy: { createdAt: 'asc' }, take: REPLAYS_SHOWN }))),
    store.prisma.replay.count({ where: { state: { in: WAITING_REPLAYS }, ...ofCluster } }),
    readRules(store, RULES_READ),
    listProposedTopics(store, cluster ?? undefined),
    readFindings(store, { cluster, kinds: [], severities: ['critical'], search: '', state: 'open' }, now, { limit: FINDINGS_COUNTED, offset: 0 }),
    listFailingCollectors(store, { cluster, failures: COLLECTOR_FAILURES, limit: 5 }),
    store.prisma.webhookEndpoint.findMany({ where: { disabledReason: { not: null } }, select: { id: true, name: true, disabledReason: true }, take: 5 }),
    countGroupsByStatus(store, cluster),
    readOverviewCounts(store, { cluster, now }),
    readDeadLetterTrend(store, { cluster, now }),
    readWorst(store, { cluster, from: new Date(now.getTime() - input.rangeMs), now }),
    readTopicThroughput(store, { cluster, rangeMs: input.rangeMs, now }),
    listMissedSteps(store, { now, withinSeconds: MISSED.withinSeconds, limit: MISSED.shown }),
  ]);
  const rules = await store.prisma.alertRule.findMany({ where: { id: { in: alerts.map((alert) => alert.rule_id) } }, select: { id: true, name: true, severity: true } });
  const ruleOf = new Map(rules.map((rule) => [rule.id, rule]));
  const replays = waiting.flat().slice(0, REPLAYS_SHOWN);
  const stoppedRules = ruleRows.filter((row) => row.state === 'stopped' && (cluster === null || row.cluster === cluster));
  const needs: Need[] = [
    ...clusters.map((row): Need => ({ kind: 'cluster', cluster: row.name, state: row.state, since: row.downSince?.toISOString() ?? null, error: row.lastError })),
    ...replays.filter((row) => row.state === 'needs-decision').map(replayNeed),
    ...groups.map(
      (row): Need => ({
        kind: 'group',
        cluster: row.cluster,
        group: row.name,
        status: row.status,
        since: row.status_since?.toISOString() ?? null,
        lag: row.lag?.toString() ?? null,
        lagMs: row.lag_seconds === null ? null : row.lag_seconds * 1_000,
        atLeast: row.lag_seconds_quality === 'at-least',
        topics: row.topics.slice(0, 3),
      }),
    ),
    ...failures.map(
      (row): Need => ({ kind: 'failure', id: row.id, cluster: row.cluster, errorClass: row.error_class, message: row.message, frame: row.frame, fresh: row.fresh, since: row.first_seen_at.toISOString(), topics: row.topics.slice(0, 3) }),
    ),
    ...alerts.map((row): Need => ({ kind: 'alert', id: row.id, rule: ruleOf.get(row.rule_id)?.name ?? 'a rule that was deleted', sentence: row.sentence, severity: ruleOf.get(row.rule_id)?.severity ?? 'warning', since: row.firing_since?.toISOString() ?? null })),
    ...replays.filter((row) => row.state !== 'needs-decision').map(replayNeed),
    ...stoppedRules.slice(0, RULES_SHOWN).map((row): Need => ({ kind: 'replay-rule', failure: row.failureId, cluster: row.cluster, errorClass: row.errorClass, why: row.stoppedWhy ?? 'no reason was noted', since: row.stoppedAt?.toISOString() ?? null, by: row.createdBy })),
    ...(proposed.length > 0 ? [{ kind: 'found-topics', topics: proposed.slice(0, 3), count: proposed.length } as const] : []),
    ...(counts.journeys_stuck > 0 ? [{ kind: 'journeys', count: counts.journeys_stuck } as const] : []),
    ...missed.map(({ journeys, ...step }): Need => ({ kind: 'missed', ...step, count: journeys })),
    ...findings.slice(0, 1).map((row): Need => ({ kind: 'hygiene', id: row.id, cluster: row.cluster, title: describeKind(row.kind).title, subject: subjectText({ topic: row.topic || null, group: row.group || null, service: row.service || null }), sentence: row.sentence, count: findings.length })),
    ...collectors.map((row): Need => ({ kind: 'collector', name: row.name, since: row.last_ok_at?.toISOString() ?? null, error: row.last_error })),
    ...endpoints.map((row): Need => ({ kind: 'endpoint', id: row.id, name: row.name, reason: row.disabledReason })),
  ];
  const inAll = { groups: byStatus.reduce((sum, row) => sum + (URGENT.includes(row.status) ? row.count : 0), 0), failures: failures[0]?.causes ?? 0, alerts: counts.alerts_firing };
  const more = {
    groups: Math.max(0, inAll.groups - groups.length),
    failures: Math.max(0, inAll.failures - failures.length),
    replays: Math.max(0, waitingCount - replays.length) + Math.max(0, stoppedRules.length - RULES_SHOWN),
    alerts: Math.max(0, inAll.alerts - alerts.length),
  };
  return {
    needs,
    needCount: needs.length + more.groups + more.failures + more.replays + more.alerts,
    more,
    groups: { total: byStatus.reduce((sum, row) => sum + row.count, 0), byStatus: Object.fromEntries(byStatus.map((row) => [row.status, row.count])) },
    deadLetters: { fresh: counts.dead_letters_new, lastAt: counts.dead_letter_last?.toISOString() ?? null, perHour },
    journeys: { hour: counts.journeys_hour, done: counts.journeys_done, stuck: counts.journeys_stuck },
    replays: { open: counts.replays_running },
    alerts: { firing: counts.alerts_firing, oldestSince: alerts[0]?.firing_since?.toISOString() ?? null },
    worst,
    throughput,
  };
}

async function readWorst(store: Store, { cluster, from, now }: { cluster: string | null; from: Date; now: Date }): Promise<Overview['worst']> {
  return await Promise.all(
    (await listWorstGroups(store, { cluster, groups: WORST })).map(async (row) => {
      const { items } = await getGroupHistory(store, { cluster: row.cluster, group: row.name, from: from.toISOString(), to: now.toISOString(), now });
      return { cluster: row.cluster, group: row.name, points: items.map((item) => ({ at: item.at, lag: item.lag, lagMs: item.lagSeconds === null ? null : item.lagSeconds * 1_000 })) };
    }),
  );
}

function replayNeed(row: { id: string; state: string; createdAt: Date; reason: string; targetTopic: string | null; createdBy: string; selected: bigint | null }): Need {
  return { kind: 'replay', id: row.id, state: row.state, since: row.createdAt.toISOString(), reason: row.reason, target: row.targetTopic, by: row.createdBy, records: row.selected?.toString() ?? null };
}
