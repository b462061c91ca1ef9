/** What changes from one failure to the next of the same cause, in the order in which it is taken out. */
const variableParts: readonly (readonly [RegExp, string])[] = [
  [/\[B@[0-9a-f]+/gu, '<bytes>'],
  [/\$\$Lambda(?:\$\d+)?(?:\/0x[0-9a-f]+)?(?:@[0-9a-f]+)?/gu, '$$Lambda'],
  [/@[0-9a-f]{5,16}\b/gu, '@<address>'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/giu, '<uuid>'],
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?(?:Z|[+-]\d\d:?\d\d))?/gu, '<time>'],
  [/"(?:[^"\\]|\\.){0,2000}"/gsu, '<text>'],
  [/(?<![\p{L}\p{N}])'(?:[^'\\]|\\.){0,2000}'(?!\p{L})/gsu, '<text>'],
  [/\[(?:-?\d+(?:, ?|(?=\]))){4,}\]/gu, '<bytes>'],
  // An id in hex that happens to have no letter must read like its neighbours: hex and numbers are one.
  [/\b0x[0-9a-f]+\b/giu, '<n>'],
  [/\b(?=[a-f]*\d)[0-9a-f]{6,}\b/giu, '<n>'],
  [/\b[\w.%+-]+@[\w-]+\.[\w.-]+\b/gu, '<mail>'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/gu, '<host>'],
  [/\d+(?:[.,]\d+)*/gu, '<n>'],
  [/\s+/gu, ' '],
];

/** Longer messages say the same at their start. */
const MAX_CHARS = 2_000;

/** A message without its variable parts (ids, numbers, addresses, times, quoted values). Pure, linear in the length. */
export function normaliseMessage(message: string): string {
  let text = message.slice(0, MAX_CHARS);
  for (const [pattern, replacement] of variableParts) text = text.replace(pattern, replacement);
  return onceOnly(text.trim(), message.length > MAX_CHARS);
}

/** Validators complain of each item of a list: how many there are is no cause of its own. Neighbours that say the same, but for their variable parts, are said once. */
function onceOnly(text: string, cut: boolean): string {
  if (!text.includes('; ')) return text;
  const kept: string[] = [];
  const clauses = text.split('; ');
  for (const [index, clause] of clauses.entries()) {
    const before = kept.at(-1);
    // The first one carries what introduces the list; the last one of a message that was cut is a part of one.
    const same = before !== undefined && (before.endsWith(clause) || (cut && index === clauses.length - 1 && before.includes(clause)));
    if (!same) kept.push(clause);
  }
  return kept.join('; ');
}
