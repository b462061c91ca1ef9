// Arrays as PostgreSQL's text, where rows come and go by the thousand: the driver's own parser looks at each character and took
// half of a replay's CPU.

/** A bytea[] that was selected as text (`column::text`), elements in hex as `bytea_output` has it by default. */
export function parseByteaArray(text: string): (Buffer | null)[] {
  if (text === '{}') return [];
  // Hex has no comma, quote or brace in it: {"\\x6162",NULL,"\\x"}
  return text
    .slice(1, -1)
    .split(',')
    .map((element) => (element === 'NULL' ? null : Buffer.from(element.slice(4, -1), 'hex')));
}

/** Topic names as an array parameter; null stays null. They are letters, digits, ".", "_" and "-" only, so that quotes are all they need. */
export function topicArray(names: readonly (string | null)[]): string {
  return `{${names.map((name) => (name === null ? 'NULL' : `"${name}"`)).join(',')}}`;
}

/** Numbers as an array parameter; null stays null. */
export function numberArray(values: readonly (number | bigint | null)[]): string {
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`;
}
