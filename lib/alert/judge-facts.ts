// From facts to readings: which instances a rule has, the figure of each, whether it breaches, and the sentence that says so.

import type { CollectorFact, DeadLetterFact, EndpointFact, FailedAgainFact, GroupFact, HygieneFact, Labels, Observation, Reading, RuleParams, Severity, WaitingReplayFact } from '#lib/model/alert.ts';
import { matchWildcard } from './match-pattern.ts';
import { sayCount, sayMany, saySeconds } from './say-figure.ts';

type ParamsOf<Kind extends RuleParams['kind']> = Extract<RuleParams, { kind: Kind }>;

/** Readings of the three rules about consumer groups. */
export function judgeGroups(params: ParamsOf<'group-lag-records' | 'group-lag-seconds' | 'group-status'>, groups: readonly GroupFact[], now: Date): Reading[] {
  return groups
    .filter((fact) => matchWildcard(params.cluster, fact.cluster) && matchWildcard(params.group, fact.group))
    .map((fact) => ({ labels: { cluster: fact.cluster, group: fact.group }, observation: judgeGroup(params, fact, now) }));
}

function judgeGroup(params: ParamsOf<'group-lag-records' | 'group-lag-seconds' | 'group-status'>, fact: GroupFact, now: Date): Observation {
  if (fact.deleted) return { kind: 'gone' };
  if (fact.unreadable !== null) return { kind: 'no-data', reason: fact.unreadable };
  switch (params.kind) {
    case 'group-lag-records': {
      const { lagRecords, lagComplete } = fact;
      if (lagRecords === null) return { kind: 'no-data', reason: `The lag of ${fact.group} is unknown.` };
      const breaching = lagRecords > BigInt(params.aboveRecords);
      // What is known can prove that it is too much, but not that it is little enough.
      if (!breaching && !lagComplete) return { kind: 'no-data', reason: `The lag of ${fact.group} is known for some of its partitions only.` };
      const figure = `${lagComplete ? '' : 'at least '}${sayMany(lagRecords, 'record', 'records')}`;
      return {
        kind: 'figure',
        // A count for a chart, not an offset: beyond 2^53 the last digits do not matter.
        value: Number(lagRecords),
        threshold: params.aboveRecords,
        breaching,
        sentence: breaching
          ? `${fact.group} is ${figure} behind, more than ${sayCount(params.aboveRecords)}.`
          : `${fact.group} is ${figure} behind; the limit is ${sayCount(params.aboveRecords)}.`,
      };
    }
    case 'group-lag-seconds': {
      const seconds = fact.lagSeconds ?? (fact.lagRecords === 0n && fact.lagComplete ? 0 : null);
      if (seconds === null) return { kind: 'no-data', reason: `How far ${fact.group} is behind in time is unknown.` };
      const breaching = seconds > params.aboveSeconds;
      const atLeast = fact.lagSecondsQuality === 'at-least';
      if (!breaching && atLeast) return { kind: 'no-data', reason: `${fact.group} is at least ${saySeconds(seconds)} behind; how much more is unknown.` };
      const figure = `${atLeast ? 'at least ' : ''}${saySeconds(seconds)}`;
      const waiting = fact.lagRecords === null || fact.lagRecords === 0n ? '' : ` ${sayMany(fact.lagRecords, 'record waits', 'records wait')}.`;
      return {
        kind: 'figure',
        value: seconds,
        threshold: params.aboveSeconds,
        breaching,
        sentence: breaching
          ? `${fact.group} is ${figure} behind, more than ${saySeconds(params.aboveSeconds)}.${waiting}`
          : `${fact.group} is ${figure} behind; the limit is ${saySeconds(params.aboveSeconds)}.`,
      };
    }
    case 'group-status': {
      if (fact.status === 'unknown') return { kind: 'no-data', reason: `The status of ${fact.group} is unknown.` };
      const breaching = (params.statuses as readonly string[]).includes(fact.status);
      const since = fact.statusSince === null ? '' : ` for ${saySeconds((now.getTime() - fact.statusSince.getTime()) / 1_000)}`;
      const waiting = fact.lagRecords === null || fact.lagRecords === 0n ? '' : ` ${sayMany(fact.lagRecords, 'record waits', 'records wait')}${fact.lagSeconds === null ? '' : `, the oldest for ${saySeconds(fact.lagSeconds)}`}.`;
      return { kind: 'figure', value: breaching ? 1 : 0, threshold: 1, breaching, sentence: `${fact.group} ${sayStatus(fact.status)}${since}.${breaching ? waiting : ''}` };
    }
  }
}

function sayStatus(status: GroupFact['status']): string {
  switch (status) {
    case 'losing-data':
      return 'is losing data: records were deleted before it read them,';
    case 'stopped':
      return 'has been stopped';
    case 'stalled':
      return 'has been stalled';
    case 'rewound':
      return 'has been rewound';
    case 'falling-behind':
      return 'has been falling behind';
    case 'rebalancing':
      return 'has been rebalancing';
    case 'expired':
      return 'has lost its commits to expiry with records still waiting,';
    case 'empty':
      return 'has had no members';
    case 'unknown':
      return 'has been unknown';
    case 'ok':
      return 'keeps up';
  }
}

/** Readings of dead-letter-rate. Topics without any arrival are absent: see judgeAbsent. */
export function judgeDeadLetters(params: ParamsOf<'dead-letter-rate'>, facts: readonly DeadLetterFact[]): Reading[] {
  return facts
    .filter((fact) => matchWildcard(params.cluster, fact.cluster) && matchWildcard(params.topic, fact.topic))
    .map((fact) => ({
      labels: { cluster: fact.cluster, topic: fact.topic },
      observation: {
        kind: 'figure',
        value: fact.count,
        threshold: params.atLeast,
        breaching: fact.count >= params.atLeast,
        sentence: `${sayMany(fact.count, 'dead letter', 'dead letters')} arrived on ${fact.topic} within ${saySeconds(params.withinSeconds)}${fact.errorClass === null ? '' : `, most often ${fact.errorClass}`}.`,
      },
    }));
}

/** A collector counts as stale after the rule's age, but never before three of its own periods. */
export function judgeCollectors(params: ParamsOf<'collector-stale'>, facts: readonly CollectorFact[], now: Date): Reading[] {
  return facts
    .filter((fact) => matchWildcard(params.collector, fact.collector))
    .map((fact) => {
      const threshold = Math.max(params.aboveSeconds, (3 * fact.everyMs) / 1_000);
      const labels: Labels = { collector: fact.collector };
      const error = fact.lastError === null ? '' : ` Last error: ${fact.lastError.slice(0, 200)}`;
      if (fact.lastOkAt === null) {
        return { labels, observation: { kind: 'no-data', reason: `The ${fact.collector} collector has not completed a run yet.${error}` } };
      }
      const age = Math.max(0, (now.getTime() - fact.lastOkAt.getTime()) / 1_000);
      return {
        labels,
        observation: {
          kind: 'figure',
          value: age,
          threshold,
          breaching: age > threshold,
          sentence: `The ${fact.collector} collector last completed a run ${saySeconds(age)} ago; it should every ${saySeconds(Math.max(1, fact.everyMs / 1_000))}.${error}`,
        },
      };
    });
}

/** Readings of replay-failed-again, one per replay. */
export function judgeFailedAgain(params: ParamsOf<'replay-failed-again'>, facts: readonly FailedAgainFact[]): Reading[] {
  return facts
    .filter((fact) => matchWildcard(params.cluster, fact.cluster))
    .map((fact) => ({
      labels: { cluster: fact.cluster, replay: fact.replayId },
      observation: {
        kind: 'figure',
        value: fact.count,
        threshold: params.atLeast,
        breaching: fact.count >= params.atLeast,
        sentence: `${sayMany(fact.count, 'replayed record', 'replayed records')} failed again within ${saySeconds(params.withinSeconds)}.`,
      },
    }));
}

/** Readings of replay-waiting: one per replay that waits, and one per failure whose rule stopped itself. */
export function judgeWaitingReplays(params: ParamsOf<'replay-waiting'>, facts: readonly WaitingReplayFact[], now: Date): Reading[] {
  return facts
    .filter((fact) => matchWildcard(params.cluster, fact.cluster))
    .map((fact) => ({ labels: { cluster: fact.cluster, ...fact.of }, observation: { kind: 'figure', value: 1, threshold: 1, breaching: true, sentence: `${sayWaiting(fact, saySeconds((now.getTime() - fact.since.getTime()) / 1_000))} ${fact.text.slice(0, 300)}` } }));
}

function sayWaiting({ why, by }: WaitingReplayFact, age: string): string {
  switch (why) {
    case 'needs-decision':
      return `A replay by ${by} has needed a decision for ${age}.`;
    case 'canary':
      return `A replay by ${by} sent its first records and has waited for a person for ${age}:`;
    case 'awaiting-approval':
      return `A replay by ${by} has waited for a second person for ${age}:`;
    case 'rule-stopped':
      return `A rule that ${by} turned on to replay by itself stopped ${age} ago.`;
  }
}

const FROM_MILDEST: readonly Severity[] = ['info', 'warning', 'critical'];

/** Readings of hygiene, one per open finding that the rule is about. A muted one calls nobody. */
export function judgeHygiene(params: ParamsOf<'hygiene'>, facts: readonly HygieneFact[]): Reading[] {
  const concerns = (fact: HygieneFact) => matchWildcard(params.cluster, fact.cluster) && (params.topic === null || (fact.topic !== null && matchWildcard(params.topic, fact.topic))) && (params.kinds.length === 0 || params.kinds.includes(fact.kind));
  return facts.filter((fact) => concerns(fact) && FROM_MILDEST.indexOf(fact.severity) >= FROM_MILDEST.indexOf(params.minSeverity)).map((fact) => ({
    labels: { cluster: fact.cluster, finding: fact.id, hygiene: fact.kind, ...(fact.topic === null ? {} : { topic: fact.topic }) },
    observation: { kind: 'figure', value: fact.muted ? 0 : 1, threshold: 1, breaching: !fact.muted, sentence: fact.muted ? `${fact.title} at ${fact.subject} is muted.` : `${fact.title}: ${fact.sentence}` },
  }));
}

/** Endpoints that Waybill disabled itself; one that a person switched off is as that person wants it. */
export function judgeEndpoints(facts: readonly EndpointFact[]): Reading[] {
  return facts.map((fact) => {
    const breaching = !fact.enabled && fact.disabledReason !== null;
    return {
      labels: { endpoint: fact.endpoint },
      observation: {
        kind: 'figure',
        value: breaching ? 1 : 0,
        threshold: 1,
        breaching,
        sentence: breaching ? `Webhook ${fact.endpoint} was disabled. ${fact.disabledReason ?? ''}` : `Webhook ${fact.endpoint} is in use.`,
      },
    };
  });
}

/** What it means that an instance known before has no reading now. */
export function judgeAbsent(params: RuleParams, labels: Labels): Observation {
  switch (params.kind) {
    case 'dead-letter-rate':
      return { kind: 'figure', value: 0, threshold: params.atLeast, breaching: false, sentence: `No dead letter arrived on ${labels['topic'] ?? 'the topic'} within ${saySeconds(params.withinSeconds)}.` };
    case 'replay-failed-again':
      return { kind: 'figure', value: 0, threshold: params.atLeast, breaching: false, sentence: `No replayed record failed again within ${saySeconds(params.withinSeconds)}.` };
    case 'replay-waiting':
      return { kind: 'figure', value: 0, threshold: 1, breaching: false, sentence: 'It does not wait for a person any more.' };
    case 'hygiene':
      return { kind: 'figure', value: 0, threshold: 1, breaching: false, sentence: 'The evidence is gone, or the finding became milder than the rule asks for.' };
    case 'missing-hop':
      return { kind: 'figure', value: 0, threshold: params.atLeast, breaching: false, sentence: `No event missed this hop within ${saySeconds(params.withinSeconds)}.` };
    case 'group-lag-records':
    case 'group-lag-seconds':
    case 'group-status':
    case 'collector-stale':
    case 'endpoint-disabled':
      return { kind: 'gone' };
  }
}
