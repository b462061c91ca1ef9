import { push } from './order.ts';

export interface MapPlace {
  column: number;
  row: number;
}

/** Where each node is; also of nodes that were there before: what comes back has its old place. */
export type MapPlacement = ReadonlyMap<string, MapPlace>;

export interface MapLine {
  from: string;
  to: string;
  /** They belong together (a group and the service that reads as it): one below the other, not one after the other. */
  beside: boolean;
}

interface Wiring {
  after: ReadonlyMap<string, readonly string[]>;
  before: ReadonlyMap<string, readonly string[]>;
}

/** Places that are kept for what is not there any more. */
const MOST_REMEMBERED = 1_000;
const SWEEPS = 4;

/**
 * Places nodes in columns from left to right, what is written to right of who writes, what belongs together below each other, one node a place.
 * With the placement of before every node that had a place keeps it, and new ones go to free places near what they are connected with: a map
 * that moves under the reader's eyes can't be read. Without one it depends on the nodes and lines alone, not on their order. Pure.
 * @returns `previous` itself where it has all nodes
 */
export function layOutMap(nodes: readonly string[], lines: readonly MapLine[], previous: MapPlacement | null = null): MapPlacement {
  const sorted = [...new Set(nodes)].toSorted();
  const known = new Set(sorted);
  const present = lines.filter(({ from, to }) => from !== to && known.has(from) && known.has(to)).toSorted((a, b) => compare(a.from, b.from) || compare(a.to, b.to));
  if (previous === null) return layOutAnew(sorted, present);
  const fresh = sorted.filter((id) => !previous.has(id));
  if (fresh.length === 0) return previous;
  return addTo(previous.size + fresh.length > MOST_REMEMBERED ? new Map([...previous].filter(([id]) => known.has(id))) : previous, fresh, present);
}

function layOutAnew(nodes: readonly string[], lines: readonly MapLine[]): MapPlacement {
  // What belongs together is one unit of several rows, named by its first member.
  const together = connectedParts(nodes, wire(lines.filter((line) => line.beside)));
  const unitOf = new Map(together.flatMap((members) => members.map((id) => [id, members[0]!])));
  const members = new Map(together.map((part) => [part[0]!, part]));
  const units = [...members.keys()].toSorted();
  const between = lines.flatMap(({ from, to }) => (unitOf.get(from) === unitOf.get(to) ? [] : [{ from: unitOf.get(from)!, to: unitOf.get(to)! }]));
  const wiring = wire(between);
  const columns = columnsOf(units, wiring);
  const placed = new Map<string, MapPlace>();
  let top = 0;
  for (const part of connectedParts(units, wiring).toSorted((a, b) => b.length - a.length || compare(a[0]!, b[0]!))) {
    const rows = rowsOf(part, columns, wiring, (unit) => members.get(unit)!.length);
    let height = 0;
    for (const [unit, row] of rows) {
      members.get(unit)!.forEach((id, nth) => placed.set(id, { column: columns.get(unit)!, row: top + row + nth }));
      height = Math.max(height, row + members.get(unit)!.length);
    }
    top += height;
  }
  return placed;
}

/** Each neighbour once. */
function wire(lines: readonly { from: string; to: string }[]): Wiring {
  const [after, before] = [new Map<string, string[]>(), new Map<string, string[]>()];
  const seen = new Set<string>();
  for (const { from, to } of lines) {
    const name = JSON.stringify([from, to]);
    if (seen.has(name)) continue;
    seen.add(name);
    push(after, from, to);
    push(before, to, from);
  }
  return { after, before };
}

/** The column of each: one right of the last that leads to it. Of a loop the step back is left out; what nothing leads to stands just before what it leads to. */
function columnsOf(nodes: readonly string[], { after, before }: Wiring): Map<string, number> {
  const state = new Map<string, 'open' | 'done'>();
  const order: string[] = [];
  const forward = new Map<string, string[]>();
  for (const root of [...nodes.filter((id) => !before.has(id)), ...nodes]) {
    if (state.has(root)) continue;
    state.set(root, 'open');
    // A stack in place of recursion.
    const stack: { id: string; next: number }[] = [{ id: root, next: 0 }];
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const to = after.get(top.id)?.[top.next++];
      if (to === undefined) {
        state.set(top.id, 'done');
        order.push(top.id);
        stack.pop();
        continue;
      }
      if (state.get(to) === 'open') continue;
      push(forward, top.id, to);
      if (!state.has(to)) {
        state.set(to, 'open');
        stack.push({ id: to, next: 0 });
      }
    }
  }
  const columns = new Map(nodes.map((id) => [id, 0]));
  for (const id of order.toReversed()) for (const to of forward.get(id) ?? []) columns.set(to, Math.max(columns.get(to)!, columns.get(id)! + 1));
  for (const id of nodes) {
    const next = forward.get(id);
    if (!before.has(id) && next !== undefined) columns.set(id, Math.max(0, Math.min(...next.map((to) => columns.get(to)!)) - 1));
  }
  return columns;
}

/** What is connected with each other, each part in order. */
function connectedParts(nodes: readonly string[], { after, before }: Wiring): string[][] {
  const seen = new Set<string>();
  const parts: string[][] = [];
  for (const root of nodes) {
    if (seen.has(root)) continue;
    seen.add(root);
    const part = [root];
    for (let at = 0; at < part.length; at++) {
      for (const id of [...(after.get(part[at]!) ?? []), ...(before.get(part[at]!) ?? [])]) {
        if (seen.has(id)) continue;
        seen.add(id);
        part.push(id);
      }
    }
    parts.push(part.toSorted());
  }
  return parts;
}

/** Rows by the mean of the neighbours' rows, swept to and fro: few crossings, and the same every time. */
function rowsOf(part: readonly string[], columns: ReadonlyMap<string, number>, { after, before }: Wiring, heightOf: (unit: string) => number): Map<string, number> {
  const byColumn = new Map<number, string[]>();
  for (const id of part) push(byColumn, columns.get(id)!, id);
  const order = [...byColumn.keys()].toSorted((a, b) => a - b);
  const rows = new Map<string, number>();
  for (const column of order) {
    let row = 0;
    for (const id of byColumn.get(column)!) {
      rows.set(id, row);
      row += heightOf(id);
    }
  }
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const forth = sweep % 2 === 0;
    for (const column of forth ? order : order.toReversed()) {
      const wanted = new Map(byColumn.get(column)!.map((id) => [id, mean((forth ? before : after).get(id), rows) ?? rows.get(id)!]));
      const sorted = [...wanted.keys()].toSorted((a, b) => wanted.get(a)! - wanted.get(b)! || compare(a, b));
      let free = 0;
      for (const id of sorted) {
        // As near to its neighbours as those above it allow.
        const row = Math.max(free, Math.round(wanted.get(id)!));
        rows.set(id, row);
        free = row + heightOf(id);
      }
    }
  }
  // Rows that no column uses are closed up.
  const used = [...new Set([...rows].flatMap(([id, row]) => Array.from({ length: heightOf(id) }, (_, nth) => row + nth)))].toSorted((a, b) => a - b);
  const closed = new Map(used.map((row, place) => [row, place]));
  return new Map([...rows].map(([id, row]) => [id, closed.get(row)!]));
}

function addTo(previous: MapPlacement, fresh: readonly string[], lines: readonly MapLine[]): MapPlacement {
  const placed = new Map(previous);
  const taken = new Set([...placed.values()].map(({ column, row }) => `${column}:${row}`));
  const { after, before } = wire(lines.filter((line) => !line.beside));
  const partners = wire(lines.filter((line) => line.beside));
  const placesOf = (ids: readonly string[] | undefined) => (ids ?? []).flatMap((each) => placed.get(each) ?? []);
  const around = (id: string) => ({ left: placesOf(before.get(id)), right: placesOf(after.get(id)), beside: [...placesOf(partners.before.get(id)), ...placesOf(partners.after.get(id))] });
  const waiting = new Set(fresh);
  while (waiting.size > 0) {
    // What touches something that has a place goes first.
    const id = [...waiting].find((each) => Object.values(around(each)).some((places) => places.length > 0)) ?? [...waiting][0]!;
    waiting.delete(id);
    const { left, right, beside } = around(id);
    const column = beside.length > 0 ? beside[0]!.column : left.length > 0 ? Math.max(...left.map((place) => place.column)) + 1 : right.length > 0 ? Math.max(0, Math.min(...right.map((place) => place.column)) - 1) : 0;
    const near = (beside.length > 0 ? beside : [...left, ...right]).map((place) => place.row);
    const wanted = near.length > 0 ? Math.round(near.reduce((sum, row) => sum + row, 0) / near.length) : Math.max(-1, ...[...placed.values()].map((place) => place.row)) + 1;
    const row = nearestFree(wanted, (each) => !taken.has(`${column}:${each}`));
    taken.add(`${column}:${row}`);
    placed.set(id, { column, row });
  }
  return placed;
}

/** The free row nearest to the wanted one, below before above. */
function nearestFree(wanted: number, isFree: (row: number) => boolean): number {
  for (let away = 0; ; away++) {
    if (isFree(wanted + away)) return wanted + away;
    if (wanted - away >= 0 && isFree(wanted - away)) return wanted - away;
  }
}

function mean(ids: readonly string[] | undefined, rows: ReadonlyMap<string, number>): number | null {
  if (ids === undefined || ids.length === 0) return null;
  return ids.reduce((sum, id) => sum + rows.get(id)!, 0) / ids.length;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
