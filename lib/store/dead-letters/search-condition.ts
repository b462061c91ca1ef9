import { queryWords } from '#lib/dead-letter/search-words.ts';

/** What a failure is searched in: columns of `failure f`. */
const FAILURE_TEXT = `concat_ws(' ', f.error_class, f.root_class, f.frame, f.message)`;

/** Shorter words are found whole only: a million ids begin with "12". */
const MIN_PREFIX_CHARS = 3;

type Bind = (value: unknown) => string;

const pattern = (word: string) => `%${word.replaceAll(/[\\%_]/g, (character) => `\\${character}`)}%`;
const vectorQuery = (words: readonly string[], operator: '&' | '|') => words.map((word) => `'${word}'${word.length >= MIN_PREFIX_CHARS ? ':*' : ''}`).join(` ${operator} `);

/** Condition over `failure f`: it has every word of the search, so all its rows match. Text without letters and digits matches nothing. */
export function failureHasWords(search: string, bind: Bind): string {
  const words = queryWords(search);
  return words.length === 0 ? 'false' : words.map((word) => `${FAILURE_TEXT} ilike ${bind(pattern(word))}`).join(' and ');
}

/** Condition over `dead_letter d`: it has some word itself (found by its start in `d.words`, which the index answers), its failure the others. */
export function rowHasWords(search: string, bind: Bind): string {
  const words = queryWords(search);
  if (words.length === 0) return 'false';
  if (words.length === 1) return `d.words @@ ${bind(vectorQuery(words, '&'))}::tsquery`;
  const each = words.map((word) => `(d.words @@ ${bind(vectorQuery([word], '&'))}::tsquery or d.failure_id in (select f.id from failure f where ${FAILURE_TEXT} ilike ${bind(pattern(word))}))`);
  return `(d.words @@ ${bind(vectorQuery(words, '|'))}::tsquery and ${each.join(' and ')})`;
}

/**
 * Condition over `dead_letter d`: every word of the search is in the error or the correlation id, in the row's own words or in those of
 * its failure. Both are found once, by their indices, and not looked for in each row.
 */
export function matchesSearch(search: string, bind: Bind): string {
  const own = rowHasWords(search, bind);
  return `(d.failure_id in (select f.id from failure f where ${failureHasWords(search, bind)}) or d.seq in (select d.seq from dead_letter d where ${own}))`;
}
