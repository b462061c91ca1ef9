import type { TimeHistogram } from './time-histogram.ts';

// What the map is built of, and what it is: the words of lib/journey/build-map.ts.

export interface MapFigures {
  hops: number;
  failed: number;
  failedAttempts: number;
  deadLetters: number;
  uncertain: number;
  queue: TimeHistogram;
  processing: TimeHistogram;
}

/** What went one way in the range, from spans. null = not conveyed. */
export interface WayFigures extends MapFigures {
  cluster: string | null;
  kind: 'send' | 'process';
  service: string | null;
  topic: string;
  group: string | null;
  journeyId: string | null;
  failedJourneyId: string | null;
}

export interface MapTopic {
  cluster: string;
  name: string;
  /** dead-letter, retry or null */
  role: string | null;
  internal: boolean;
  /** Records written per second, from its offsets; null = not known. */
  producedPerSecond: number | null;
  /** Whether all groups of its cluster were read: only then that nobody reads it is known. */
  readersKnown: boolean;
}

export interface MapGroup {
  cluster: string;
  name: string;
  status: string;
  /** From its commits; null = not known. */
  consumedPerSecond: number | null;
  lag: bigint | null;
}

/** A group that commits on a topic. */
export interface MapReader {
  cluster: string;
  topic: string;
  group: string;
  /** null = not known */
  lag: bigint | null;
}

export interface MapFacts {
  ways: readonly WayFigures[];
  topics: readonly MapTopic[];
  groups: readonly MapGroup[];
  readers: readonly MapReader[];
  /** Length of the range in which spans were counted. */
  seconds: number;
}

/** How a figure is known. "estimate": a group's commits divided among its topics as they are written. */
export type RateSource = 'spans' | 'offsets' | 'estimate';

export type MapNodeKind = 'service' | 'topic' | 'group';

export interface MapNode {
  id: string;
  kind: MapNodeKind;
  name: string;
  /** null: a service, or a topic whose cluster is not known. */
  cluster: string | null;
  /** Whether spans tell of it; of a topic: of what is written to or read from it. */
  traced: boolean;
  /** Records per second: of a topic written, of a group and a service read. null = not known. */
  ratePerSecond: number | null;
  rateBy: RateSource | null;
  /** Records that a service sends, per second. */
  sentPerSecond: number | null;
  /** Of a group: its status; of a topic its role, or "unread". */
  status: string | null;
  lag: bigint | null;
  figures: MapFigures;
}

export interface MapEdge {
  id: string;
  from: string;
  to: string;
  /** send: service to topic; consume: topic to group, or to a service whose group is not known; runs: group to the service that reads as it; dead-letter: group to the topic of its dead letters, known from their headers. */
  kind: 'send' | 'consume' | 'runs' | 'dead-letter';
  traced: boolean;
  ratePerSecond: number | null;
  rateBy: RateSource | null;
  lag: bigint | null;
  /** runs: how the group was found. */
  matchedBy: 'spans' | 'name' | 'alone' | null;
  figures: MapFigures;
  journeyId: string | null;
  failedJourneyId: string | null;
}

export interface MapGraph {
  nodes: MapNode[];
  edges: MapEdge[];
}
