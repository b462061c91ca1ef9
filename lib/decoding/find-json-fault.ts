/** Where a text stops being JSON. Lines and columns count from 1, columns in UTF-16 units as editors do. */
export interface JsonFault {
  at: number;
  line: number;
  column: number;
  message: string;
}

type Expect = 'value' | 'value-or-end' | 'name' | 'name-or-end' | 'colon' | 'comma-or-end' | 'nothing';

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const PLAIN = /[^"\\\u0000-\u001f]+/y; // oxlint-disable-line no-control-regex -- what a JSON string may hold as it is
const WORDS = ['true', 'false', 'null'] as const;

/**
 * The first place where a text is not JSON (RFC 8259), or null where it is. Reads and never parses: number spelling, order and repeats of names
 * are not its business. Without recursion, in one pass.
 */
export function findJsonFault(text: string): JsonFault | null {
  const open: ('{' | '[')[] = [];
  let expect: Expect = 'value';
  let at = 0;
  const after = (): Expect => (open.length === 0 ? 'nothing' : 'comma-or-end');
  for (;;) {
    while (at < text.length && (text[at] === ' ' || text[at] === '\n' || text[at] === '\t' || text[at] === '\r')) at += 1;
    if (at >= text.length) return expect === 'nothing' ? null : faultAt(text, at, `the text ends here, expected ${wanted(expect, open.at(-1))}`);
    const sign = text[at]!;
    if (expect === 'nothing') return faultAt(text, at, 'something follows after the end of the JSON value');
    if ((sign === '}' && open.at(-1) === '{' && (expect === 'name-or-end' || expect === 'comma-or-end')) || (sign === ']' && open.at(-1) === '[' && (expect === 'value-or-end' || expect === 'comma-or-end'))) {
      open.pop();
      expect = after();
      at += 1;
    } else if (expect === 'comma-or-end' && sign === ',') {
      expect = open.at(-1) === '{' ? 'name' : 'value';
      at += 1;
    } else if (expect === 'colon' && sign === ':') {
      expect = 'value';
      at += 1;
    } else if (sign === '"' && expect !== 'colon' && expect !== 'comma-or-end') {
      const end = endOfString(text, at + 1);
      if (typeof end !== 'number') return end;
      expect = expect.startsWith('name') ? 'colon' : after();
      at = end;
    } else if (expect === 'value' || expect === 'value-or-end') {
      const word = WORDS.find((one) => text.startsWith(one, at));
      NUMBER.lastIndex = at;
      if (sign === '{' || sign === '[') {
        open.push(sign);
        expect = sign === '{' ? 'name-or-end' : 'value-or-end';
        at += 1;
      } else if (word) {
        at += word.length;
        expect = after();
      } else if (NUMBER.test(text)) {
        at = NUMBER.lastIndex;
        expect = after();
      } else return faultAt(text, at, `expected ${wanted(expect, open.at(-1))}${sign === "'" ? ' (JSON wants double quotes)' : ''}`);
    } else return faultAt(text, at, `expected ${wanted(expect, open.at(-1))}`);
  }
}

function wanted(expect: Expect, inside: '{' | '[' | undefined): string {
  switch (expect) {
    case 'value':
      return 'a value';
    case 'value-or-end':
      return 'a value or "]"';
    case 'name':
      return 'a name in double quotes';
    case 'name-or-end':
      return 'a name in double quotes or "}"';
    case 'colon':
      return '":"';
    default:
      return inside === '{' ? '"," or "}"' : '"," or "]"';
  }
}

/** The place behind a string's closing quote, or what is wrong inside it. */
function endOfString(text: string, from: number): number | JsonFault {
  let at = from;
  for (;;) {
    PLAIN.lastIndex = at;
    if (PLAIN.test(text)) at = PLAIN.lastIndex;
    const sign = text[at];
    if (sign === undefined) return faultAt(text, at, 'the text ends inside a string');
    if (sign === '"') return at + 1;
    if (sign !== '\\') return faultAt(text, at, sign === '\n' || sign === '\r' ? 'a line end inside a string: write it as \\n' : `a control character inside a string: write it as \\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
    const next = text[at + 1] ?? '';
    if (next !== '' && '"\\/bfnrt'.includes(next)) at += 2;
    else if (/^u[0-9a-fA-F]{4}$/.test(text.slice(at + 1, at + 6))) at += 6;
    else return faultAt(text, at, 'this escape is unknown to JSON');
  }
}

function faultAt(text: string, at: number, message: string): JsonFault {
  const before = text.slice(0, at).split(/\r\n|\r|\n/);
  return { at, line: before.length, column: before.at(-1)!.length + 1, message };
}
