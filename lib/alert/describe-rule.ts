import type { RuleParams } from '#lib/model/alert.ts';
import { sayCount, sayMany, saySeconds } from './say-figure.ts';

/** One piece of a rule's sentence; `field` names the parameter a person can change by clicking on it. */
export interface SentencePart {
  text: string;
  field: string | null;
}

const plain = (text: string): SentencePart => ({ text, field: null });
const part = (text: string, field: string): SentencePart => ({ text, field });

/**
 * A rule as a sentence: "when billing is more than 60 s behind for 2 min, tell ops".
 * @param endpoints names; empty = every endpoint
 */
export function describeRule(params: RuleParams, forSeconds: number, endpoints: readonly string[]): SentencePart[] {
  const receivers = part(endpoints.length === 0 ? 'every webhook' : endpoints.join(' and '), 'endpointIds');
  return forSeconds > 0
    ? [plain('When '), ...describeCondition(params), plain(' for '), part(saySeconds(forSeconds), 'forSeconds'), plain(', tell '), receivers, plain('.')]
    : [plain('When '), ...describeCondition(params), plain(', tell '), receivers, plain(' '), part('at once', 'forSeconds'), plain('.')];
}

function describeCondition(params: RuleParams): SentencePart[] {
  const inCluster = 'cluster' in params && params.cluster !== null ? [plain(' in '), part(params.cluster, 'cluster')] : [];
  switch (params.kind) {
    case 'group-lag-records':
      return [part(params.group ?? 'any group', 'group'), ...inCluster, plain(' is more than '), part(sayMany(params.aboveRecords, 'record', 'records'), 'aboveRecords'), plain(' behind')];
    case 'group-lag-seconds':
      return [part(params.group ?? 'any group', 'group'), ...inCluster, plain(' is more than '), part(saySeconds(params.aboveSeconds), 'aboveSeconds'), plain(' behind')];
    case 'group-status':
      return [part(params.group ?? 'any group', 'group'), ...inCluster, plain(' is '), part(joinOr(params.statuses.map((status) => status.replace('-', ' '))), 'statuses')];
    case 'dead-letter-rate':
      return [
        plain('at least '),
        part(sayMany(params.atLeast, 'dead letter', 'dead letters'), 'atLeast'),
        plain(params.atLeast === 1 ? ' arrives on ' : ' arrive on '),
        part(params.topic ?? 'any one topic', 'topic'),
        ...inCluster,
        plain(' within '),
        part(saySeconds(params.withinSeconds), 'withinSeconds'),
      ];
    case 'collector-stale':
      return [part(params.collector === null ? 'any collector' : `the ${params.collector} collector`, 'collector'), plain(' completes no run in '), part(saySeconds(params.aboveSeconds), 'aboveSeconds')];
    case 'replay-failed-again':
      return [plain('at least '), part(`${sayCount(params.atLeast)} of a replay's records`, 'atLeast'), ...inCluster, plain(params.atLeast === 1 ? ' fails again within ' : ' fail again within '), part(saySeconds(params.withinSeconds), 'withinSeconds')];
    case 'replay-waiting':
      return [plain('a replay, or a rule that replays by itself,'), ...inCluster, plain(' waits for a person')];
    case 'hygiene':
      return [
        part(params.kinds.length === 0 ? 'any hygiene finding' : `a finding of ${joinOr(params.kinds.map((kind) => kind.replaceAll('-', ' ')))}`, 'kinds'),
        ...(params.topic === null ? [] : [plain(' about '), part(params.topic, 'topic')]),
        ...inCluster,
        plain(' of severity '),
        part(params.minSeverity === 'critical' ? 'critical' : `${params.minSeverity} or worse`, 'minSeverity'),
        plain(' is open'),
      ];
    case 'missing-hop':
      return [plain('at least '), part(sayMany(params.atLeast, 'event', 'events'), 'atLeast'), plain(' of '), part(params.entryType ?? 'any type', 'entryType'), plain(params.atLeast === 1 ? ' never reaches ' : ' never reach '), part(params.step ?? 'any one hop of the usual path', 'step'), plain(' within '), part(saySeconds(params.withinSeconds), 'withinSeconds')];
    case 'endpoint-disabled':
      return [plain('Waybill disables a webhook that keeps failing')];
  }
}

function joinOr(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} or ${words[words.length - 1]}`;
}

/** The same as plain text. */
export function sayRule(params: RuleParams, forSeconds: number, endpoints: readonly string[]): string {
  return describeRule(params, forSeconds, endpoints).map((piece) => piece.text).join('');
}
