// The words of expected paths: what journeys that begin on one topic usually do, learned from those that ended well.

/** Only what an event is meant to do is a step; dead letters and replays are told by a journey's state. */
export type StepKind = 'send' | 'process';

/** Whose deed on which topic. `id` is "kind who topic": the same for every journey, and what a person reads in a link. */
export interface StepName {
  id: string;
  kind: StepKind;
  service: string | null;
  /** Consumer group where spans or commits name it. */
  group: string | null;
  topic: string | null;
}

/** Counts by bucket of duration (lib/journey/duration-histogram.ts). */
export type DurationHistogram = Record<string, number>;

/** The first, second … time that a step happens in one journey. */
export interface OccurrenceStats {
  journeys: number;
  /** From the journey's start. */
  sinceStart: DurationHistogram;
  /** By what caused it ("step id#occurrence"): from the cause's start to the end of this one. */
  after: Record<string, { journeys: number; time: DurationHistogram }>;
}

export interface StepStats extends StepName {
  occurrences: OccurrenceStats[];
}

/** What a number of journeys did. Sums only, so that any two can be added in any order, or taken apart again. */
export interface PathStats {
  journeys: number;
  duration: DurationHistogram;
  steps: Record<string, StepStats>;
  /** Hops of steps beyond the bound, which are not learned. */
  leftOut: number;
}

/** Time from what caused a step to its end. */
export interface StepAfter {
  /** "step id#occurrence", occurrences from 0. */
  cause: string;
  journeys: number;
  p50Ms: number;
  p95Ms: number;
}

export interface ExpectedOccurrence {
  /** Of the version's journeys in which it happens at least this often. */
  share: number;
  /** null where no hop with a time was seen. */
  sinceStartP50Ms: number | null;
  sinceStartP95Ms: number | null;
  /** The usual cause first. */
  after: StepAfter[];
}

export const STEP_REQUIREMENTS = ['required', 'optional', 'ignored'] as const;
/** What a person said of a step: it must happen, it may, or it is nobody's business. */
export type StepRequirement = (typeof STEP_REQUIREMENTS)[number];

export interface StepEdit extends StepName {
  requirement: StepRequirement;
  by: string;
  atMs: number;
}

export interface ExpectedStep extends StepName {
  /** Of the version's journeys in which it happens at all. */
  share: number;
  /** How often a journey must have it; 0: a branch. */
  required: number;
  /** The same as learned, before a person's edit. */
  learned: number;
  /** One a time it was seen in a journey, at most five. */
  occurrences: ExpectedOccurrence[];
  ignored: boolean;
  edit: { by: string; atMs: number; requirement: StepRequirement } | null;
}

export interface ExpectedPath {
  entryType: string;
  version: number;
  sinceMs: number;
  /** Finished journeys it is learned from. */
  journeys: number;
  /** In the order in which they usually happen. */
  steps: ExpectedStep[];
  durationP50Ms: number;
  durationP95Ms: number;
  /** There are more different steps than are learned: what is not among them is no news. */
  incomplete: boolean;
}

/** Something that may change a path: a deploy seen in spans, or a marker that a person or a pipeline set. */
export interface PathChange {
  atMs: number;
  words: string;
  /** null: of everything. */
  service: string | null;
}

export interface PathShift {
  added: string[];
  gone: string[];
}

/** A version that is over, with the figures it had. */
export interface ClosedVersion {
  version: number;
  sinceMs: number;
  untilMs: number;
  why: string;
  shift: PathShift;
  stats: PathStats;
}

/** What is kept of one entry type between two rounds of learning. */
export interface PathLearning {
  entryType: string;
  version: number;
  sinceMs: number;
  /** Why this version began. */
  why: string;
  /** What came and went with it. */
  shift: PathShift;
  /** The window: what was learned before `recentSinceMs`, and since. */
  earlier: PathStats;
  recent: PathStats;
  recentSinceMs: number;
  /** Journeys since a moment after which the path may be another one; they are in `recent` too. */
  trial: { sinceMs: number; /** null: no deploy, looked at all the same */ why: string | null; stats: PathStats };
}

/** An expected step that a journey does not have. */
export interface AwaitedStep {
  step: StepName;
  /** How often it was seen, of how often it must be. */
  seen: number;
  required: number;
  /** When its time is over, unix ms. */
  dueMs: number;
  /** The cause it usually follows, in words; null where it has none. */
  after: string | null;
  /** What it follows has not happened either. */
  behind: boolean;
  /** A handling was seen, and failed. */
  failed: boolean;
}

export interface SlowHop {
  hopId: string;
  step: StepName;
  tookMs: number;
  p50Ms: number;
  p95Ms: number;
  overMs: number;
}

/** A journey held against the path of its entry type. */
export interface PathJudgement {
  version: number;
  /** Journeys that the version was learned from. */
  learnedFrom: number;
  /** Expected hops, and how many of them happened; those that a group's commits tell of count. */
  expected: number;
  done: number;
  /** Their time is over; where the path breaks off comes first. */
  missing: AwaitedStep[];
  /** Their time has not come. */
  awaited: AwaitedStep[];
  /** Passed by a group's commits, without a span. */
  unseen: StepName[];
  extra: { hopId: string; step: StepName }[];
  /** The most over its p95 first. */
  slow: SlowHop[];
  /** When an awaited step's time is over; null where none is awaited. */
  nextCheckAtMs: number | null;
}
