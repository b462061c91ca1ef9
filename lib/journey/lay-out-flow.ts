import { EVIDENCE_BY_STRENGTH, type EvidenceKind } from '#lib/model/journey.ts';

/** A hop, as far as its place in the flow is concerned. Hops come in the order of the journey: causes before effects where the clocks agree. */
export interface FlowHop {
  id: string;
  /** Hops of one parent with the same text are alike: beyond a few they are drawn as one. */
  alike: string;
}

export interface FlowEdge {
  from: string;
  to: string;
  evidence: readonly { kind: EvidenceKind; detail: string }[];
}

export interface FlowNode {
  id: string;
  column: number;
  row: number;
  /** Hops this node stands for: its own id, or several that are alike, with all that came of them. */
  hops: readonly string[];
}

export interface FlowLine {
  from: string;
  to: string;
  /** The strongest evidence; null: of a node that stands for several. */
  kind: EvidenceKind | null;
  /** Whether it is the cause by which the node is placed. Others are drawn beside. */
  main: boolean;
}

export interface Flow {
  nodes: FlowNode[];
  lines: FlowLine[];
  columns: number;
  rows: number;
  /** Hops that have no place because the bound was met. */
  left: number;
}

/**
 * The causal tree of a journey: each hop under the cause that the strongest evidence names, the first child in its parent's row, the next ones
 * below. Alike siblings beyond `mostAlike` become one node named `more:<parent>:<alike>`, unless `unfolded` has that name. Never more than
 * `mostNodes` nodes. Pure; loops in the evidence (two clocks that disagree) are cut at the hop that comes first.
 */
export function layOutFlow(hops: readonly FlowHop[], edges: readonly FlowEdge[], options: { mostAlike: number; mostNodes: number; unfolded?: ReadonlySet<string> }): Flow {
  const known = new Map(hops.map((hop, index) => [hop.id, index]));
  const kindOf = new Map<string, EvidenceKind>();
  const strongest = (edge: FlowEdge) => edge.evidence.reduce((best, { kind }) => Math.min(best, EVIDENCE_BY_STRENGTH.indexOf(kind)), EVIDENCE_BY_STRENGTH.length - 1);
  const causes = new Map<string, { from: string; strength: number }[]>();
  for (const edge of edges) {
    if (!known.has(edge.from) || !known.has(edge.to) || edge.from === edge.to) continue;
    const strength = strongest(edge);
    kindOf.set(lineName(edge.from, edge.to), EVIDENCE_BY_STRENGTH[strength] ?? 'inferred');
    const list = causes.get(edge.to);
    if (list === undefined) causes.set(edge.to, [{ from: edge.from, strength }]);
    else list.push({ from: edge.from, strength });
  }
  const parentOf = new Map<string, string>();
  // As long as every cause comes before its effect there is no loop to look for: looking costs the square of a long chain.
  let mayLoop = false;
  const reaches = (from: string, id: string): boolean => {
    if (!mayLoop && known.get(from)! < known.get(id)!) return false;
    for (let at: string | undefined = from; at !== undefined; at = parentOf.get(at)) if (at === id) return true;
    return false;
  };
  for (const { id } of hops) {
    const sorted = (causes.get(id) ?? []).toSorted((a, b) => a.strength - b.strength || known.get(a.from)! - known.get(b.from)!);
    const cause = sorted.find(({ from }) => !reaches(from, id));
    if (cause === undefined) continue;
    parentOf.set(id, cause.from);
    if (known.get(cause.from)! > known.get(id)!) mayLoop = true;
  }
  const children = new Map<string | null, FlowHop[]>();
  for (const hop of hops) {
    const parent = parentOf.get(hop.id) ?? null;
    const list = children.get(parent);
    if (list === undefined) children.set(parent, [hop]);
    else list.push(hop);
  }
  const below = (id: string): string[] => {
    const all = [id];
    for (let at = 0; at < all.length; at++) for (const child of children.get(all[at]!) ?? []) all.push(child.id);
    return all;
  };

  const nodes: FlowNode[] = [];
  const lines: FlowLine[] = [];
  const placed = new Set<string>();
  let rows = 0;
  let columns = 0;
  // A stack in place of recursion: a journey may be thousands of hops deep. `first` shares its parent's row.
  const waiting: { id: string; hops: readonly string[]; column: number; parent: string | null; row: number | null }[] = [];
  const enter = (parent: string | null, column: number, row: number | null) => {
    const entries = fold(parent, children.get(parent) ?? []);
    for (let at = entries.length - 1; at >= 0; at--) waiting.push({ ...entries[at]!, column, parent, row: at === 0 ? row : null });
  };
  const fold = (parent: string | null, list: readonly FlowHop[]): { id: string; hops: readonly string[] }[] => {
    const counts = new Map<string, number>();
    for (const { alike } of list) counts.set(alike, (counts.get(alike) ?? 0) + 1);
    const seen = new Map<string, number>();
    const folded = new Map<string, { id: string; hops: string[] }>();
    const entries: { id: string; hops: readonly string[] }[] = [];
    for (const hop of list) {
      const nth = (seen.get(hop.alike) ?? 0) + 1;
      seen.set(hop.alike, nth);
      const name = `more:${parent ?? ''}:${hop.alike}`;
      // One more is as quickly drawn as named.
      if (nth <= options.mostAlike || counts.get(hop.alike)! <= options.mostAlike + 1 || options.unfolded?.has(name)) {
        entries.push({ id: hop.id, hops: [hop.id] });
        continue;
      }
      const more = folded.get(name);
      if (more !== undefined) more.hops.push(...below(hop.id));
      else {
        const entry = { id: name, hops: below(hop.id) };
        folded.set(name, entry);
        entries.push(entry);
      }
    }
    return entries;
  };
  enter(null, 0, null);
  while (waiting.length > 0 && nodes.length < options.mostNodes) {
    const next = waiting.pop()!;
    const row = next.row ?? rows++;
    nodes.push({ id: next.id, column: next.column, row, hops: next.hops });
    for (const id of next.hops) placed.add(id);
    columns = Math.max(columns, next.column + 1);
    if (next.parent !== null) lines.push({ from: next.parent, to: next.id, kind: kindOf.get(lineName(next.parent, next.id)) ?? null, main: true });
    if (known.has(next.id)) enter(next.id, next.column + 1, row);
  }
  const drawn = new Set(nodes.map((node) => node.id));
  for (const edge of edges) {
    if (!drawn.has(edge.from) || !drawn.has(edge.to) || edge.from === edge.to || parentOf.get(edge.to) === edge.from) continue;
    lines.push({ from: edge.from, to: edge.to, kind: kindOf.get(lineName(edge.from, edge.to)) ?? null, main: false });
  }
  return { nodes, lines, columns, rows, left: hops.length - placed.size };
}

function lineName(from: string, to: string): string {
  return JSON.stringify([from, to]);
}
