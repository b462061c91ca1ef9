import { isEnd, type JsonPath, type PathState, startPaths, stepPaths } from './json-path.ts';
import { MASKED } from './masked-text.ts';

export interface MaskedText {
  text: string;
  /** The texts that were replaced, as they stood in the document. */
  replaced: string[];
}

const MAX_DEPTH = 500;

/**
 * Replaces what lies at the paths and keeps every other character: spacing, order, the digits of a number, and each of several members of one
 * name, of which a parser would only show the last. null where the text is no JSON object or list, or is nested more than 500 deep.
 */
export function maskJsonText(text: string, paths: readonly JsonPath[]): MaskedText | null {
  if (!/^\s*[[{]/u.test(text)) return null;
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  // From here on the text is known to be JSON, so that finding the ends of its parts is enough.
  const out: string[] = [];
  const replaced: string[] = [];
  let at = 0;
  let copied = 0;
  const blanks = () => {
    while (at < text.length && ' \t\n\r'.includes(text[at]!)) at++;
  };
  const string = (): string => {
    const start = at++;
    while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
    at++;
    return text.slice(start, at);
  };
  const scalar = () => {
    if (text[at] === '"') string();
    else while (at < text.length && !',]} \t\n\r'.includes(text[at]!)) at++;
  };
  const skip = () => {
    let open = 0;
    do {
      blanks();
      const character = text[at];
      if (character === '{' || character === '[') {
        open++;
        at++;
      } else if (character === '}' || character === ']') {
        open--;
        at++;
      } else if (character === ',' || character === ':') at++;
      else scalar();
    } while (open > 0);
  };

  const levels: { state: PathState; index: number; isList: boolean }[] = [];
  const value = (state: PathState): boolean => {
    if (levels.length > 0 && isEnd(paths, state)) {
      const start = at;
      skip();
      replaced.push(text.slice(start, at));
      out.push(text.slice(copied, start), JSON.stringify(MASKED));
      copied = at;
      return true;
    }
    if (text[at] === '{' || text[at] === '[') {
      levels.push({ state, index: 0, isList: text[at] === '[' });
      at++;
      return levels.length <= MAX_DEPTH;
    }
    scalar();
    return true;
  };

  blanks();
  if (!value(startPaths(paths))) return null;
  while (levels.length > 0) {
    blanks();
    const level = levels.at(-1)!;
    const character = text[at];
    if (character === '}' || character === ']') {
      levels.pop();
      at++;
    } else if (character === ',') at++;
    else {
      let place: string | number = level.index++;
      if (!level.isList) {
        place = JSON.parse(string()) as string;
        blanks();
        at++;
        blanks();
      }
      if (!value(stepPaths(paths, level.state, place))) return null;
    }
  }
  out.push(text.slice(copied));
  return { text: out.join(''), replaced };
}
