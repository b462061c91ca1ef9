/** A piece of one text or of both; joined in order, same + removed is the old text and same + added the new one. */
export interface DiffPiece {
  kind: 'same' | 'removed' | 'added';
  text: string;
}

/** Edits that are searched for; texts that differ more are shown as one replaced by the other. */
const MAX_EDITS = 800;
const MAX_PIECES = 20_000;

/**
 * What differs between two texts, in lines; JSON is taken apart behind "{", "[" and "," besides, so that a value in one line is not one
 * difference. Nothing is spelled anew: the pieces joined are the texts.
 */
export function diffText(before: string, after: string): DiffPiece[] {
  const json = [before, after].every((text) => /^\s*[[{]/.test(text));
  const split = json ? splitJson : splitLines;
  const [old, now] = [split(before), split(after)];
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start += 1;
  let end = 0;
  while (end < old.length - start && end < now.length - start && old[old.length - 1 - end] === now[now.length - 1 - end]) end += 1;
  const [oldMiddle, nowMiddle] = [old.slice(start, old.length - end), now.slice(start, now.length - end)];
  return [
    ...old.slice(0, start).map((text): DiffPiece => ({ kind: 'same', text })),
    ...(shortestEdit(oldMiddle, nowMiddle) ?? [...oldMiddle.map((text): DiffPiece => ({ kind: 'removed', text })), ...nowMiddle.map((text): DiffPiece => ({ kind: 'added', text }))]),
    ...old.slice(old.length - end).map((text): DiffPiece => ({ kind: 'same', text })),
  ];
}

/** Lines with their ends. */
function splitLines(text: string): string[] {
  return text === '' ? [] : text.split(/(?<=\n)/);
}

/** Behind each line end, and behind "{", "[" and "," and before "}" and "]" where those stand outside a string. Text that is no JSON is split as well as it goes. */
function splitJson(text: string): string[] {
  const pieces: string[] = [];
  let from = 0;
  let inString = false;
  const cut = (at: number) => {
    if (at > from) pieces.push(text.slice(from, at));
    from = at;
  };
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at]!;
    if (sign === '\n') {
      inString = false; // JSON has no line end in a string; what is broken heals here
      cut(at + 1);
    } else if (inString) {
      if (sign === '\\') at += 1;
      else if (sign === '"') inString = false;
    } else if (sign === '"') inString = true;
    else if (sign === '{' || sign === '[' || sign === ',') {
      let next = at + 1;
      while (text[next] === ' ' || text[next] === '\t' || text[next] === '\r') next += 1;
      if (text[next] !== '\n') cut(at + 1);
    } else if ((sign === '}' || sign === ']') && text.slice(from, at).trim() !== '') cut(at);
  }
  cut(text.length);
  return pieces;
}

/** Myers' shortest edit script; null where it is longer than what is searched for. */
function shortestEdit(old: readonly string[], now: readonly string[]): DiffPiece[] | null {
  if (old.length + now.length > MAX_PIECES) return null;
  const trace: Map<number, number>[] = [];
  const reach = new Map<number, number>([[1, 0]]);
  for (let edits = 0; edits <= Math.min(MAX_EDITS, old.length + now.length); edits += 1) {
    trace.push(new Map(reach));
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const down = diagonal === -edits || (diagonal !== edits && (reach.get(diagonal - 1) ?? -1) < (reach.get(diagonal + 1) ?? -1));
      let x = down ? (reach.get(diagonal + 1) ?? 0) : (reach.get(diagonal - 1) ?? 0) + 1;
      while (x < old.length && x - diagonal < now.length && old[x] === now[x - diagonal]) x += 1;
      reach.set(diagonal, x);
      if (x >= old.length && x - diagonal >= now.length) return walkBack(old, now, trace, edits);
    }
  }
  return null;
}

function walkBack(old: readonly string[], now: readonly string[], trace: readonly Map<number, number>[], edits: number): DiffPiece[] {
  const pieces: DiffPiece[] = [];
  let x = old.length;
  let y = now.length;
  for (let step = edits; step >= 0; step -= 1) {
    const reach = trace[step]!;
    const diagonal = x - y;
    const down = diagonal === -step || (diagonal !== step && (reach.get(diagonal - 1) ?? -1) < (reach.get(diagonal + 1) ?? -1));
    const from = down ? diagonal + 1 : diagonal - 1;
    const fromX = step === 0 ? 0 : (reach.get(from) ?? 0);
    const fromY = step === 0 ? 0 : fromX - from;
    while (x > fromX && y > fromY && old[x - 1] === now[y - 1]) {
      pieces.push({ kind: 'same', text: old[x - 1]! });
      x -= 1;
      y -= 1;
    }
    if (step === 0) break;
    if (down) pieces.push({ kind: 'added', text: now[(y -= 1)]! });
    else pieces.push({ kind: 'removed', text: old[(x -= 1)]! });
  }
  return pieces.reverse();
}
