// A small regular language on purpose: silences are written by operators and run inside the evaluator, and a
// backtracking engine can be made to run for hours by forty characters. This one is a set of positions moved along the
// text: time is text x pattern, whatever the pattern is.
//
//   literal   \x   .   [a-z_]   [^0-9]   then optionally * + ?      alternatives by |      always the whole text

type Accept = { kind: 'any' } | { kind: 'set'; negated: boolean; ranges: [number, number][] };
interface Token {
  accept: Accept;
  repeat: 'one' | 'optional' | 'star' | 'plus';
}

export type Pattern = Token[][];

const MAX_PATTERN_LENGTH = 500;

/** @returns the pattern, or a sentence that says what it does not understand */
export function parsePattern(source: string): { pattern: Pattern } | { problem: string } {
  if (source.length > MAX_PATTERN_LENGTH) return { problem: `A pattern has at most ${MAX_PATTERN_LENGTH} characters.` };
  const characters = Array.from(source);
  const alternatives: Pattern = [[]];
  let index = 0;
  while (index < characters.length) {
    const character = characters[index] ?? '';
    const current = alternatives[alternatives.length - 1] ?? [];
    if (character === '|') {
      alternatives.push([]);
      index += 1;
      continue;
    }
    if (character === '*' || character === '+' || character === '?') {
      const last = current[current.length - 1];
      if (last === undefined || last.repeat !== 'one') return { problem: `"${character}" at position ${index + 1} has nothing to repeat.` };
      last.repeat = character === '*' ? 'star' : character === '+' ? 'plus' : 'optional';
      index += 1;
      continue;
    }
    if ('(){}^$'.includes(character)) return { problem: `"${character}" at position ${index + 1} is not supported; write \\${character} for the character itself.` };
    if (character === '.') {
      current.push({ accept: { kind: 'any' }, repeat: 'one' });
      index += 1;
      continue;
    }
    if (character === '[') {
      const parsed = parseSet(characters, index);
      if ('problem' in parsed) return parsed;
      current.push({ accept: parsed.accept, repeat: 'one' });
      index = parsed.next;
      continue;
    }
    let literal = character;
    if (character === '\\') {
      index += 1;
      const escaped = characters[index];
      if (escaped === undefined) return { problem: 'The pattern ends in a lone backslash.' };
      if (/[A-Za-z0-9]/.test(escaped)) return { problem: `"\\${escaped}" is not supported; write a set such as [0-9].` };
      literal = escaped;
    }
    const point = literal.codePointAt(0) ?? 0;
    current.push({ accept: { kind: 'set', negated: false, ranges: [[point, point]] }, repeat: 'one' });
    index += 1;
  }
  return { pattern: alternatives };
}

function parseSet(characters: string[], start: number): { accept: Accept; next: number } | { problem: string } {
  let index = start + 1;
  const negated = characters[index] === '^';
  if (negated) index += 1;
  const ranges: [number, number][] = [];
  while (index < characters.length && characters[index] !== ']') {
    if (characters[index] === '\\') index += 1;
    const from = characters[index]?.codePointAt(0);
    if (from === undefined) break;
    if (characters[index + 1] === '-' && characters[index + 2] !== undefined && characters[index + 2] !== ']') {
      const to = characters[index + 2]?.codePointAt(0) ?? from;
      if (to < from) return { problem: `The set at position ${start + 1} has a range that runs backwards.` };
      ranges.push([from, to]);
      index += 3;
    } else {
      ranges.push([from, from]);
      index += 1;
    }
  }
  if (characters[index] !== ']') return { problem: `The set at position ${start + 1} is not closed.` };
  if (ranges.length === 0) return { problem: `The set at position ${start + 1} is empty.` };
  return { accept: { kind: 'set', negated, ranges }, next: index + 1 };
}

/** Whether the whole text is in the language of the pattern. */
export function matchPattern(pattern: Pattern, text: string): boolean {
  return pattern.some((tokens) => matchTokens(tokens, text));
}

function matchTokens(tokens: Token[], text: string): boolean {
  let positions = new Set<number>();
  reach(tokens, positions, 0);
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    const next = new Set<number>();
    for (const position of positions) {
      const token = tokens[position];
      if (token === undefined || !accepts(token.accept, point)) continue;
      if (token.repeat === 'star' || token.repeat === 'plus') next.add(position);
      reach(tokens, next, position + 1);
    }
    if (next.size === 0) return false;
    positions = next;
  }
  // A plus that has taken its one character also stands on the way out: reach() was called with position + 1 then.
  return positions.has(tokens.length);
}

function reach(tokens: Token[], positions: Set<number>, from: number): void {
  let position = from;
  positions.add(position);
  for (let token = tokens[position]; token !== undefined && (token.repeat === 'star' || token.repeat === 'optional'); token = tokens[position]) {
    position += 1;
    positions.add(position);
  }
}

function accepts(accept: Accept, point: number): boolean {
  if (accept.kind === 'any') return true;
  return accept.ranges.some(([from, to]) => point >= from && point <= to) !== accept.negated;
}

/** "billing-*" against a name: "*" is any text, everything else is literal. Null matches all. */
export function matchWildcard(wildcard: string | null, name: string): boolean {
  if (wildcard === null) return true;
  const tokens: Token[] = Array.from(wildcard).map((character) =>
    character === '*'
      ? { accept: { kind: 'any' }, repeat: 'star' }
      : { accept: { kind: 'set', negated: false, ranges: [[character.codePointAt(0) ?? 0, character.codePointAt(0) ?? 0]] }, repeat: 'one' },
  );
  return matchTokens(tokens, name);
}
