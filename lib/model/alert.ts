// The words of alerting: rules, the states an alert goes through, notifications, silences.

import type { FindingKind } from './hygiene.ts';
import type { LagStatus, SecondsQuality } from './lag.ts';

/** What a rule watches. Each kind has its own parameters (RuleParams). */
export type RuleKind =
  | 'group-lag-records'
  | 'group-lag-seconds'
  | 'group-status'
  | 'dead-letter-rate'
  | 'collector-stale'
  | 'replay-failed-again'
  | 'replay-waiting'
  | 'hygiene'
  | 'missing-hop'
  | 'endpoint-disabled';

export const RULE_KINDS = [
  'group-lag-records',
  'group-lag-seconds',
  'group-status',
  'dead-letter-rate',
  'collector-stale',
  'replay-failed-again',
  'replay-waiting',
  'hygiene',
  'missing-hop',
  'endpoint-disabled',
] as const satisfies readonly RuleKind[];

export type Severity = 'info' | 'warning' | 'critical';

/** Group statuses a group-status rule can name: those a person may want to be called for. */
export const ALERTABLE_STATUSES = ['losing-data', 'stopped', 'stalled', 'rewound', 'falling-behind', 'expired', 'empty'] as const satisfies readonly LagStatus[];
export type AlertableStatus = (typeof ALERTABLE_STATUSES)[number];

/**
 * Which instances a rule looks at. Null = every one. A value may hold "*" as a wildcard ("billing-*").
 * Thresholds: records and counts as whole numbers, ages in seconds.
 */
export type RuleParams =
  | { kind: 'group-lag-records'; cluster: string | null; group: string | null; aboveRecords: number }
  | { kind: 'group-lag-seconds'; cluster: string | null; group: string | null; aboveSeconds: number }
  | { kind: 'group-status'; cluster: string | null; group: string | null; statuses: AlertableStatus[] }
  | { kind: 'dead-letter-rate'; cluster: string | null; topic: string | null; atLeast: number; withinSeconds: number }
  | { kind: 'collector-stale'; collector: string | null; aboveSeconds: number }
  | { kind: 'replay-failed-again'; cluster: string | null; atLeast: number; withinSeconds: number }
  | { kind: 'replay-waiting'; cluster: string | null }
  /** `kinds` empty = every one; `topic` matches findings about that topic only. */
  | { kind: 'hygiene'; cluster: string | null; topic: string | null; kinds: FindingKind[]; minSeverity: Severity }
  /** `step` by its id or its words; null: wherever a path breaks off. */
  | { kind: 'missing-hop'; entryType: string | null; step: string | null; atLeast: number; withinSeconds: number }
  | { kind: 'endpoint-disabled' };

export type Labels = Readonly<Record<string, string>>;

/** What an alert is as far as notifications go: firing and recovering are told, the other two are not. */
export type AlertPhase = 'normal' | 'pending' | 'firing' | 'recovering';

/** AlertPhase, or a reading that failed: then `heldPhase` is what the alert was and, by default, stays. */
export type AlertState = AlertPhase | 'no-data' | 'error';

/** What a rule does where its figure is unknown: keep the last phase (default), or treat it as a breach. */
export type NoDataPolicy = 'keep' | 'fire';

/** One alert instance (rule x labels). Times are null where they do not apply. */
export interface AlertInstance {
  state: AlertState;
  /** What is kept while state is no-data or error; null otherwise. */
  heldPhase: AlertPhase | null;
  pendingSince: Date | null;
  firingSince: Date | null;
  recoveringSince: Date | null;
  resolvedAt: Date | null;
  /** Since when the figure is unknown. */
  missingSince: Date | null;
  value: number | null;
  threshold: number | null;
  sentence: string;
}

/** One reading of one instance. "gone": the thing no longer exists (deleted group, disabled rule). */
export type Observation =
  | { kind: 'figure'; value: number; threshold: number; breaching: boolean; sentence: string }
  | { kind: 'no-data'; reason: string }
  | { kind: 'error'; message: string }
  | { kind: 'gone' };

/** What an evaluation did to an instance, for the log and for the outbox. */
export type AlertEffect = 'became-pending' | 'fired' | 'started-recovering' | 'fired-again' | 'resolved' | 'pending-cancelled' | 'data-lost' | 'data-returned';

export type MatcherOperator = '=' | '!=' | '=~' | '!~';

export interface Matcher {
  label: string;
  operator: MatcherOperator;
  value: string;
}

/** Why a notification goes out; it is said in the message. */
export type NotificationReason = 'new-firing' | 'new-resolved' | 'repeat';

export interface GroupingTimings {
  groupWaitMs: number;
  groupIntervalMs: number;
  repeatIntervalMs: number;
}

export type EndpointFormat = 'standard' | 'alertmanager' | 'slack' | 'pagerduty' | 'teams';
export const ENDPOINT_FORMATS = ['standard', 'alertmanager', 'slack', 'pagerduty', 'teams'] as const satisfies readonly EndpointFormat[];

export type DeliveryState = 'waiting' | 'sending' | 'delivered' | 'failed' | 'superseded';

/** One alert inside a notification. Times ISO 8601; links absolute. */
export interface NotifiedAlert {
  fingerprint: string;
  status: 'firing' | 'resolved';
  labels: Labels;
  annotations: Labels;
  startsAt: string;
  endsAt: string | null;
  value: number | null;
  threshold: number | null;
  generatorUrl: string;
  silenceUrl: string;
  dashboardUrl: string;
}

/** A notification before an adapter gives it the receiver's shape. */
export interface Notification {
  type: 'alert.firing' | 'alert.resolved' | 'webhook.test';
  reason: NotificationReason | 'test';
  at: string;
  groupKey: string;
  receiver: string;
  groupLabels: Labels;
  externalUrl: string;
  alerts: NotifiedAlert[];
}

/** A consumer group as a rule sees it. null = not known. */
export interface GroupFact {
  cluster: string;
  group: string;
  deleted: boolean;
  /** Why its figures can't be trusted now (cluster not read, group failing); null when they can. */
  unreadable: string | null;
  /** Sum over the partitions that are known. */
  lagRecords: bigint | null;
  /** Whether every partition is in lagRecords. */
  lagComplete: boolean;
  lagSeconds: number | null;
  lagSecondsQuality: SecondsQuality;
  status: LagStatus;
  statusSince: Date | null;
}

/** Dead letters that arrived on one topic within the window of a rule. */
export interface DeadLetterFact {
  cluster: string;
  topic: string;
  count: number;
  /** The most frequent error class among them. */
  errorClass: string | null;
}

export interface CollectorFact {
  collector: string;
  everyMs: number;
  lastOkAt: Date | null;
  lastStartedAt: Date | null;
  lastError: string | null;
}

/** Replayed records of one replay that failed again within the window of a rule. */
export interface FailedAgainFact {
  cluster: string;
  replayId: string;
  count: number;
}

/** A replay, or a rule that replays by itself, that goes on only when a person acts. */
export interface WaitingReplayFact {
  cluster: string;
  /** The replay; or the failure whose rule it is. */
  of: { replay: string } | { failure: string };
  why: 'needs-decision' | 'canary' | 'awaiting-approval' | 'rule-stopped';
  by: string;
  since: Date;
  /** What it is for, or why it stopped. */
  text: string;
}

/** An open finding about the hygiene of events. */
export interface HygieneFact {
  cluster: string;
  id: string;
  kind: FindingKind;
  title: string;
  severity: Severity;
  /** null where it is not about one. */
  topic: string | null;
  /** The topic, group or service in words. */
  subject: string;
  sentence: string;
  muted: boolean;
}

/** Journeys that missed one step of their usual path within the window of a rule. */
export interface MissingHopFact {
  entryType: string;
  step: string;
  stepText: string;
  journeys: number;
  /** Of them those whose path breaks off there: nothing else missing explains it. */
  brokenOff: number;
}

export interface EndpointFact {
  endpoint: string;
  enabled: boolean;
  disabledReason: string | null;
}

/** One reading of one instance: its labels, without alertname and severity, and what was seen. */
export interface Reading {
  labels: Labels;
  observation: Observation;
}
