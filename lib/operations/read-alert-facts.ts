import { judgeCollectors, judgeDeadLetters, judgeEndpoints, judgeFailedAgain, judgeGroups, judgeHygiene, judgeWaitingReplays } from '#lib/alert/judge-facts.ts';
import { judgeMissingHops } from '#lib/alert/judge-missing-hops.ts';
import { saySeconds } from '#lib/alert/say-figure.ts';
import { stepTextOf } from '#lib/journey/describe-path.ts';
import { describeKind } from '#lib/hygiene/describe-kind.ts';
import type { CollectorFact, EndpointFact, GroupFact, HygieneFact, Reading, RuleParams } from '#lib/model/alert.ts';
import { subjectText } from '#lib/model/hygiene.ts';
import { LAG_STATUSES, type LagStatus, type SecondsQuality } from '#lib/model/lag.ts';
import { readDeadLetterFacts } from '#lib/store/alerts/read-dead-letter-facts.ts';
import { readFailedAgainFacts } from '#lib/store/alerts/read-failed-again-facts.ts';
import { readGroupFacts, type GroupFactRow } from '#lib/store/alerts/read-group-facts.ts';
import { readWaitingReplays } from '#lib/store/alerts/read-waiting-replays.ts';
import { readOpenFindings } from '#lib/store/hygiene/read-open-findings.ts';
import { countMissed } from '#lib/store/journeys/deviations.ts';
import type { Store } from '#lib/store/store.ts';

/** Gives each rule its readings of one moment; what several rules look at is read once. */
export interface AlertFacts {
  readingsFor(params: RuleParams): Promise<Reading[]>;
}

/**
 * The facts that rules judge, as of `now`.
 * @param offsetsIntervalMs the offsets cycle: figures older than three cycles (and a minute) are no data, not old data
 */
export function readAlertFacts(store: Store, now: Date, offsetsIntervalMs: number): AlertFacts {
  let groups: Promise<GroupFact[]> | null = null;
  let collectors: Promise<CollectorFact[]> | null = null;
  let endpoints: Promise<EndpointFact[]> | null = null;
  let findings: Promise<HygieneFact[]> | null = null;
  const staleAfterMs = Math.max(3 * offsetsIntervalMs, 60_000);
  return {
    async readingsFor(params) {
      switch (params.kind) {
        case 'group-lag-records':
        case 'group-lag-seconds':
        case 'group-status':
          groups ??= readGroupFacts(store, now).then((rows) => rows.map((row) => toGroupFact(row, now, staleAfterMs)));
          return judgeGroups(params, await groups, now);
        case 'dead-letter-rate': {
          const rows = await readDeadLetterFacts(store, now, params.withinSeconds);
          return judgeDeadLetters(params, rows.map((row) => ({ cluster: row.cluster, topic: row.topic, count: row.count, errorClass: row.error_class })));
        }
        case 'collector-stale':
          collectors ??= store.prisma.collectorStatus
            .findMany()
            .then((rows) => rows.map((row) => ({ collector: row.name, everyMs: row.everyMs, lastOkAt: row.lastOkAt, lastStartedAt: row.lastStartedAt, lastError: row.lastError })));
          return judgeCollectors(params, await collectors, now);
        case 'replay-failed-again': {
          const rows = await readFailedAgainFacts(store, now, params.withinSeconds);
          return judgeFailedAgain(params, rows.map((row) => ({ cluster: row.cluster, replayId: row.replay_id, count: row.count })));
        }
        case 'replay-waiting':
          return judgeWaitingReplays(params, await readWaitingReplays(store), now);
        case 'hygiene':
          findings ??= readOpenFindings(store, now).then((rows) => rows.map(({ subject, ...row }) => ({ ...row, title: describeKind(row.kind).title, topic: subject.topic, subject: subjectText(subject) })));
          return judgeHygiene(params, await findings);
        case 'missing-hop': {
          const rows = await countMissed(store, new Date(now.getTime() - params.withinSeconds * 1_000), now);
          return judgeMissingHops(params, rows.map((row) => ({ ...row, stepText: stepTextOf(row.step) })));
        }
        case 'endpoint-disabled':
          endpoints ??= store.prisma.webhookEndpoint
            .findMany({ select: { name: true, enabled: true, disabledReason: true } })
            .then((rows) => rows.map((row) => ({ endpoint: row.name, enabled: row.enabled, disabledReason: row.disabledReason })));
          return judgeEndpoints(await endpoints);
      }
    },
  };
}

function toGroupFact(row: GroupFactRow, now: Date, staleAfterMs: number): GroupFact {
  const cycleAgeMs = row.last_cycle_at === null ? null : now.getTime() - row.last_cycle_at.getTime();
  return {
    cluster: row.cluster,
    group: row.group_name,
    deleted: row.deleted_at !== null,
    unreadable: whyUnreadable(row, now, cycleAgeMs, staleAfterMs),
    lagRecords: row.lag_records,
    lagComplete: row.unknown_partitions === 0,
    lagSeconds: row.lag_seconds_quality === 'unknown' ? null : row.lag_seconds,
    lagSecondsQuality: toQuality(row.lag_seconds_quality),
    status: toStatus(row.status),
    statusSince: row.status_since,
  };
}

function whyUnreadable(row: GroupFactRow, now: Date, cycleAgeMs: number | null, staleAfterMs: number): string | null {
  if (cycleAgeMs === null) return `Cluster ${row.cluster} has not been read yet.`;
  if (cycleAgeMs > staleAfterMs) return `Cluster ${row.cluster} was last read ${saySeconds(cycleAgeMs / 1_000)} ago${row.cluster_error === null ? '' : `: ${row.cluster_error.slice(0, 200)}`}.`;
  if (row.failed_since !== null) return `Group ${row.group_name} can not be read since ${saySeconds((now.getTime() - row.failed_since.getTime()) / 1_000)}${row.last_error === null ? '' : `: ${row.last_error.slice(0, 200)}`}.`;
  return null;
}

function toStatus(text: string): LagStatus {
  return LAG_STATUSES.find((status) => status === text) ?? 'unknown';
}

function toQuality(text: string | null): SecondsQuality {
  return text === 'exact' || text === 'interpolated' || text === 'at-least' ? text : 'unknown';
}
