import type { MapEdge, MapFacts, MapFigures, MapGraph, MapGroup, MapNode, MapNodeKind, MapReader, MapTopic, WayFigures } from './map-facts.ts';
import { matchGroups, type MatchedBy } from './match-groups.ts';
import { push } from './order.ts';
import { addHistogram, emptyHistogram } from './time-histogram.ts';

export function nodeId(kind: MapNodeKind, cluster: string | null, name: string): string {
  return kind === 'service' ? `service:${name}` : `${kind}:${cluster ?? ''}:${name}`;
}

/**
 * The map of what writes to and reads from what: services as their spans tell, groups as their commits tell, and where both tell of the same
 * reading it is drawn once, with the group between topic and service. What moves without any span is there too, told by offsets alone.
 * Topics that nobody writes to or reads from are left out. Pure; in an order of its own.
 */
export function buildMap(facts: MapFacts): MapGraph {
  const draft = new Draft(facts.seconds);
  const topics = new Map(facts.topics.map((topic) => [nodeId('topic', topic.cluster, topic.name), topic]));
  const groups = new Map(facts.groups.map((group) => [nodeId('group', group.cluster, group.name), group]));
  const clusterOf = clusterByTopic(facts.topics);
  const readersOf = new Map<string, MapReader[]>();
  const topicsOf = new Map<string, MapReader[]>();
  for (const reader of facts.readers) {
    push(readersOf, nodeId('topic', reader.cluster, reader.topic), reader);
    push(topicsOf, nodeId('group', reader.cluster, reader.group), reader);
  }

  const handledOf = new Map<string, WayFigures[]>();
  for (const way of facts.ways) {
    const cluster = way.cluster ?? clusterOf.get(way.topic) ?? null;
    const topic = draft.topic(cluster, way.topic, topics);
    if (way.kind === 'process') push(handledOf, topic, { ...way, cluster });
    else if (way.service !== null) draft.edge('send', draft.service(way.service), topic, way);
    else if (way.group !== null) draft.edge('dead-letter', draft.group(cluster, way.group, groups), topic, way);
  }
  for (const [topic, ways] of handledOf) {
    const { cluster } = ways[0]!;
    const named = new Map<string, Set<string>>();
    for (const { service, group } of ways) if (group !== null && service !== null) named.set(service, (named.get(service) ?? new Set()).add(group));
    // Headers of dead letters name groups too: those may be the ones that spans do not name.
    const taken = new Set([...named.values()].flatMap((each) => [...each]));
    const unnamed = [...new Set(ways.flatMap((way) => (way.group === null && way.service !== null ? [way.service] : [])))].filter((service) => named.get(service)?.size !== 1).toSorted();
    const free = (readersOf.get(topic) ?? []).map((reader) => reader.group).filter((group) => !taken.has(group)).toSorted();
    const matches = matchGroups(unnamed, free);
    for (const way of ways) {
      const [own] = way.service === null ? [] : [...(named.get(way.service) ?? [])];
      const match: { group: string; by: MatchedBy } | undefined =
        way.group !== null ? { group: way.group, by: 'spans' } : way.service === null ? undefined : named.get(way.service)?.size === 1 ? { group: own!, by: 'spans' } : matches.get(way.service);
      if (match !== undefined) {
        const group = draft.group(cluster, match.group, groups);
        draft.edge('consume', topic, group, way);
        if (way.service !== null) draft.edge('runs', group, draft.service(way.service), way, match.by);
      } else if (way.service !== null) draft.edge('consume', topic, draft.service(way.service), way);
    }
  }
  for (const reader of facts.readers) {
    if (topics.get(nodeId('topic', reader.cluster, reader.topic))?.internal === true) continue;
    const topic = draft.topic(reader.cluster, reader.topic, topics);
    const group = draft.group(reader.cluster, reader.group, groups);
    const edge = draft.edge('consume', topic, group, null);
    edge.lag = reader.lag;
    const { ratePerSecond, rateBy } = readingRate(groups.get(group), topics.get(topic), (topicsOf.get(group) ?? []).map((each) => topics.get(nodeId('topic', each.cluster, each.topic))));
    // Commits count every record; spans only those that were sampled.
    if (rateBy === 'offsets' || (ratePerSecond !== null && !edge.traced)) Object.assign(edge, { ratePerSecond, rateBy });
  }
  for (const topic of facts.topics) if (!topic.internal && (topic.producedPerSecond ?? 0) > 0) draft.topic(topic.cluster, topic.name, topics);
  return draft.finish(topics, groups);
}

/** What a group reads of one topic: all of its commits where it has no other, else its part by how much is written to each. */
function readingRate(group: MapGroup | undefined, topic: MapTopic | undefined, all: readonly (MapTopic | undefined)[]): Pick<MapEdge, 'ratePerSecond' | 'rateBy'> {
  const consumed = group?.consumedPerSecond ?? null;
  if (consumed === null) return { ratePerSecond: null, rateBy: null };
  if (all.length === 1 || consumed === 0) return { ratePerSecond: consumed, rateBy: 'offsets' };
  const produced = all.map((each) => each?.producedPerSecond ?? null);
  const sum = produced.reduce<number>((total, rate) => total + (rate ?? 0), 0);
  if (produced.includes(null) || sum === 0 || topic?.producedPerSecond === undefined || topic.producedPerSecond === null) return { ratePerSecond: null, rateBy: null };
  return { ratePerSecond: (consumed * topic.producedPerSecond) / sum, rateBy: 'estimate' };
}

/** The cluster of a topic whose spans do not name one: the only one that has a topic of this name. */
function clusterByTopic(topics: readonly MapTopic[]): Map<string, string | null> {
  const found = new Map<string, string | null>();
  for (const { name, cluster } of topics) found.set(name, found.has(name) ? null : cluster);
  return found;
}

/** Nodes and edges while they are found: each once, figures added up. */
class Draft {
  readonly #nodes = new Map<string, MapNode>();
  readonly #edges = new Map<string, MapEdge>();
  readonly #seconds: number;

  constructor(seconds: number) {
    this.#seconds = seconds;
  }

  service(name: string): string {
    return this.#node('service', null, name, (node) => (node.traced = true));
  }

  topic(cluster: string | null, name: string, known: ReadonlyMap<string, MapTopic>): string {
    return this.#node('topic', cluster, name, (node) => {
      const topic = known.get(node.id);
      Object.assign(node, { ratePerSecond: topic?.producedPerSecond ?? null, rateBy: topic?.producedPerSecond === null || topic === undefined ? null : 'offsets', status: topic?.role ?? null });
    });
  }

  group(cluster: string | null, name: string, known: ReadonlyMap<string, MapGroup>): string {
    return this.#node('group', cluster, name, (node) => {
      const group = known.get(node.id);
      Object.assign(node, { ratePerSecond: group?.consumedPerSecond ?? null, rateBy: group?.consumedPerSecond === null || group === undefined ? null : 'offsets', status: group?.status ?? null, lag: group?.lag ?? null });
    });
  }

  #node(kind: MapNodeKind, cluster: string | null, name: string, begin: (node: MapNode) => void): string {
    const id = nodeId(kind, cluster, name);
    if (!this.#nodes.has(id)) {
      const node: MapNode = { id, kind, name, cluster, traced: false, ratePerSecond: null, rateBy: null, sentPerSecond: null, status: null, lag: null, figures: noFigures() };
      begin(node);
      this.#nodes.set(id, node);
    }
    return id;
  }

  edge(kind: MapEdge['kind'], from: string, to: string, way: WayFigures | null, matchedBy: MatchedBy | null = null): MapEdge {
    const id = `${from} > ${to}`;
    let edge = this.#edges.get(id);
    if (edge === undefined) {
      edge = { id, from, to, kind, traced: false, ratePerSecond: null, rateBy: null, lag: null, matchedBy, figures: noFigures(), journeyId: null, failedJourneyId: null };
      this.#edges.set(id, edge);
    }
    if (way === null) return edge;
    addFigures(edge.figures, way);
    edge.journeyId ??= way.journeyId;
    edge.failedJourneyId ??= way.failedJourneyId;
    if (edge.figures.hops > 0) Object.assign(edge, { traced: true, ratePerSecond: edge.figures.hops / this.#seconds, rateBy: 'spans' });
    return edge;
  }

  /** Dead letters that only headers tell of go with what the group's service sends there, where spans tell of that. */
  #joinDeadLetters(): void {
    for (const [id, edge] of this.#edges) {
      if (edge.kind !== 'dead-letter') continue;
      const services = [...this.#edges.values()].filter((each) => each.kind === 'runs' && each.from === edge.from).map((each) => each.to);
      const sent = services.flatMap((service) => this.#edges.get(`${service} > ${edge.to}`) ?? []);
      if (sent.length !== 1) continue;
      sent[0]!.figures.deadLetters += edge.figures.deadLetters;
      this.#edges.delete(id);
    }
  }

  finish(topics: ReadonlyMap<string, MapTopic>, groups: ReadonlyMap<string, MapGroup>): MapGraph {
    this.#joinDeadLetters();
    const edges = [...this.#edges.values()].toSorted(byId);
    const reads = new Set<string>();
    const sent = new Map<string, number>();
    for (const edge of edges) {
      const [from, to] = [this.#nodes.get(edge.from)!, this.#nodes.get(edge.to)!];
      for (const node of [from, to]) if (edge.traced) node.traced = true;
      if (edge.kind === 'consume') reads.add(from.id);
      if (edge.kind === 'send' && edge.ratePerSecond !== null) {
        from.sentPerSecond = (from.sentPerSecond ?? 0) + edge.ratePerSecond;
        sent.set(to.id, (sent.get(to.id) ?? 0) + edge.ratePerSecond);
      }
      // What came of the records is a figure of who handles them and of the topic that they wait in; what fails to be sent stays with its edge.
      if (edge.kind === 'consume') addFigures(from.figures, edge.figures);
      if (edge.kind !== 'dead-letter' && to.kind !== 'topic') addFigures(to.figures, edge.figures);
    }
    for (const node of this.#nodes.values()) {
      if (node.kind === 'service' && node.figures.hops > 0) Object.assign(node, { ratePerSecond: node.figures.hops / this.#seconds, rateBy: 'spans' });
      if (node.kind === 'group' && node.ratePerSecond === null && !groups.has(node.id) && node.figures.hops > 0) Object.assign(node, { ratePerSecond: node.figures.hops / this.#seconds, rateBy: 'spans' });
      if (node.kind === 'topic' && node.status === null && topics.get(node.id)?.readersKnown === true && !reads.has(node.id)) node.status = 'unread';
      // What spans tell to have been written, where offsets tell nothing.
      if (node.kind === 'topic' && node.ratePerSecond === null && sent.has(node.id)) Object.assign(node, { ratePerSecond: sent.get(node.id), rateBy: 'spans' });
    }
    return { nodes: [...this.#nodes.values()].toSorted(byId), edges };
  }
}

export function noFigures(): MapFigures {
  return { hops: 0, failed: 0, failedAttempts: 0, deadLetters: 0, uncertain: 0, queue: emptyHistogram(), processing: emptyHistogram() };
}

function addFigures(to: MapFigures, figures: MapFigures): void {
  to.hops += figures.hops;
  to.failed += figures.failed;
  to.failedAttempts += figures.failedAttempts;
  to.deadLetters += figures.deadLetters;
  to.uncertain += figures.uncertain;
  addHistogram(to.queue, figures.queue);
  addHistogram(to.processing, figures.processing);
}

function byId(a: { id: string }, b: { id: string }): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
