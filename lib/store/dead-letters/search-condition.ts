import { queryWords } from '#lib/dead-letter/search-words.ts';

/** What a failure is searched in; the expression's columns are those of `failure f`. */
const FAILURE_TEXT = `concat_ws(' ', f.error_class, f.root_class, f.frame, f.message)`;

/**
 * Condition over `dead_letter d`: every word of the search is in the error or the correlation id. A word is found from its start in
 * what tells the row from its failure's others (`d.words`), or anywhere in what they share, which is looked up once a failure and not
 * once a row. Text without letters and digits matches nothing.
 */
export function matchesSearch(search: string, bind: (value: unknown) => string): string {
  const words = queryWords(search);
  if (words.length === 0) return 'false';
  const patterns = words.map((word) => `%${word.replaceAll(/[\\%_]/g, (character) => `\\${character}`)}%`);
  const shared = (pattern: string) => `array(select f.id from failure f where ${FAILURE_TEXT} ilike ${bind(pattern)})`;
  const own = (some: readonly string[], operator: '&' | '|') => `d.words @@ ${bind(some.map((word) => `'${word}':*`).join(` ${operator} `))}::tsquery`;
  const all = `d.failure_id = any(array(select f.id from failure f where ${patterns.map((pattern) => `${FAILURE_TEXT} ilike ${bind(pattern)}`).join(' and ')}))`;
  if (words.length === 1) return `(${all} or ${own(words, '&')})`;
  // Some words the row's own, the others its failure's.
  const mixed = words.map((word, index) => `(${own([word], '&')} or d.failure_id = any(${shared(patterns[index]!)}))`).join(' and ');
  return `(${all} or (${own(words, '|')} and ${mixed}))`;
}
