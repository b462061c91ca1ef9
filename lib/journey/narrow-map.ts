import type { MapEdge, MapGraph, MapNode } from './map-facts.ts';
import { push } from './order.ts';

export interface MapFilter {
  /** Part of a name, whatever it names. */
  search: string;
  /** Whole names. Where several are given, what any of them names. */
  service: string | null;
  topic: string | null;
  group: string | null;
}

export interface NarrowedMap extends MapGraph {
  /** What the filter names; null: there is none. The rest is what leads there and goes on from there. */
  matched: ReadonlySet<string> | null;
  /** What had no room. */
  left: { services: number; topics: number; groups: number };
}

/** As far as from a service over the topics it writes to and the groups that read them to the next services. */
const REACH = 3;

/**
 * The part of the map that a filter names, with what leads there and what goes on from there, at most `mostNodes` nodes: the busiest topics
 * with who writes to them and who reads them. Pure; in the graph's order.
 */
export function narrowMap(graph: MapGraph, filter: MapFilter, mostNodes: number): NarrowedMap {
  const matched = matchNodes(graph.nodes, filter);
  const [after, before] = [new Map<string, string[]>(), new Map<string, string[]>()];
  for (const edge of graph.edges) {
    push(after, edge.from, edge.to);
    push(before, edge.to, edge.from);
  }
  const wanted = matched === null ? null : new Set([...reach(matched, after), ...reach(matched, before)]);
  const nodes = wanted === null ? graph.nodes : graph.nodes.filter((node) => wanted.has(node.id));
  const kept = nodes.length <= mostNodes ? new Set(nodes.map((node) => node.id)) : takeBusiest(nodes, matched, after, before, mostNodes);
  const count = (kind: MapNode['kind']) => nodes.filter((node) => node.kind === kind && !kept.has(node.id)).length;
  return {
    nodes: nodes.filter((node) => kept.has(node.id)),
    edges: graph.edges.filter((edge: MapEdge) => kept.has(edge.from) && kept.has(edge.to)),
    matched,
    left: { services: count('service'), topics: count('topic'), groups: count('group') },
  };
}

function matchNodes(nodes: readonly MapNode[], { search, service, topic, group }: MapFilter): Set<string> | null {
  const exact: Record<MapNode['kind'], string | null> = { service, topic, group };
  const text = search.trim().toLowerCase();
  if (service !== null || topic !== null || group !== null) return new Set(nodes.filter((node) => exact[node.kind] === node.name).map((node) => node.id));
  return text === '' ? null : new Set(nodes.filter((node) => node.name.toLowerCase().includes(text)).map((node) => node.id));
}

function reach(from: ReadonlySet<string>, next: ReadonlyMap<string, readonly string[]>): Set<string> {
  const found = new Set(from);
  let edge = [...from];
  for (let step = 0; step < REACH; step++) {
    edge = [...new Set(edge.flatMap((id) => next.get(id) ?? []))].filter((id) => !found.has(id));
    for (const id of edge) found.add(id);
  }
  return found;
}

/** What the filter names first, then topic by topic, the busiest first, each with its neighbours while there is room. */
function takeBusiest(nodes: readonly MapNode[], matched: ReadonlySet<string> | null, after: ReadonlyMap<string, readonly string[]>, before: ReadonlyMap<string, readonly string[]>, most: number): Set<string> {
  const present = new Map(nodes.map((node) => [node.id, node]));
  const weight = (node: MapNode) => (node.traced ? 1 : 0) + (node.ratePerSecond ?? node.sentPerSecond ?? 0);
  const busiest = (list: readonly MapNode[]) => list.toSorted((a, b) => Number(matched?.has(b.id) ?? false) - Number(matched?.has(a.id) ?? false) || weight(b) - weight(a) || (a.id < b.id ? -1 : 1));
  const kept = new Set<string>();
  const keep = (node: MapNode) => {
    if (kept.size < most) kept.add(node.id);
  };
  for (const topic of busiest(nodes.filter((node) => node.kind === 'topic' || matched?.has(node.id) === true))) {
    if (kept.size >= most) break;
    keep(topic);
    const around = [...(before.get(topic.id) ?? []), ...(after.get(topic.id) ?? [])].flatMap((id) => present.get(id) ?? []);
    for (const node of busiest(around)) {
      keep(node);
      if (node.kind === 'group') for (const id of after.get(node.id) ?? []) if (present.get(id)?.kind === 'service') keep(present.get(id)!);
    }
  }
  return kept;
}
