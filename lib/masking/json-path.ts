// The part of JSONPath (RFC 9535) that names places: names, indexes, wildcards and "anywhere below". No filters and no slices.

interface Segment {
  /** Any depth below, not only the next level. */
  anywhere: boolean;
  /** null: whatever stands there. */
  step: string | number | null;
}

export type JsonPath = readonly Segment[];

/** How far the paths of a rule have come at one place of a document: index of the path, index of its next segment. */
export type PathState = readonly (readonly [path: number, segment: number])[];

const MAX_SEGMENTS = 32;
const QUOTED = /^\['((?:[^'\\]|\\.)*)'\]|^\["((?:[^"\\]|\\.)*)"\]/u;

/**
 * Reads `$.card.number`, `$.items[*].iban`, `$['card number']`, `$..cvv`.
 * @throws Error whose message says what is wrong with the path
 */
export function parseJsonPath(text: string): JsonPath {
  const wrong = (why: string) => new Error(`"${text}" is not a JSON path Waybill can use: ${why}.`);
  if (!text.startsWith('$')) throw wrong('it begins with $, as in $.card.number');
  const segments: Segment[] = [];
  let rest = text.slice(1);
  while (rest !== '') {
    const anywhere = rest.startsWith('..');
    let step: string | number | null;
    const named = /^\.\.?([\p{L}_$][\p{L}\p{N}_$-]*|\*)/u.exec(rest);
    const bracketed = rest.slice(anywhere ? 2 : 0);
    const quoted = QUOTED.exec(bracketed);
    const index = /^\[(\d{1,9}|\*)\]/u.exec(bracketed);
    if (named?.[1]) {
      step = named[1] === '*' ? null : named[1];
      rest = rest.slice(named[0].length);
    } else if (quoted) {
      step = (quoted[1] ?? quoted[2] ?? '').replaceAll(/\\(.)/gu, '$1');
      rest = bracketed.slice(quoted[0].length);
    } else if (index?.[1]) {
      step = index[1] === '*' ? null : Number(index[1]);
      rest = bracketed.slice(index[0].length);
    } else {
      throw wrong(`"${rest.slice(0, 40)}" is none of .name, ['name'], [0], [*] and ..name`);
    }
    segments.push({ anywhere, step });
    if (segments.length > MAX_SEGMENTS) throw wrong(`it has more than ${MAX_SEGMENTS} parts`);
  }
  if (segments.length === 0) throw wrong('it names the whole value; give a part of it');
  return segments;
}

/** Where every path begins: at the root. */
export function startPaths(paths: readonly JsonPath[]): PathState {
  return paths.map((_, path) => [path, 0] as const);
}

/** What the paths have come to one level down, at a member's name or an element's index. */
export function stepPaths(paths: readonly JsonPath[], state: PathState, at: string | number): PathState {
  const next: (readonly [number, number])[] = [];
  // Each place once: with several "anywhere" in a path and a value nested deep, the ways to come to a place are too many to walk.
  const add = (path: number, index: number) => {
    if (!next.some((place) => place[0] === path && place[1] === index)) next.push([path, index]);
  };
  for (const [path, index] of state) {
    const segment = paths[path]?.[index];
    if (!segment) continue;
    if (segment.anywhere) add(path, index);
    if (segment.step === null || segment.step === at) add(path, index + 1);
  }
  return next;
}

/** Whether one of the paths ends here. */
export function isEnd(paths: readonly JsonPath[], state: PathState): boolean {
  return state.some(([path, index]) => index === paths[path]?.length);
}
