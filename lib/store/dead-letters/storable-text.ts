/** PostgreSQL's text holds no NUL: the symbol for it stands in. The header's own bytes are kept in the body. */
export function storableText(value: string | null): string | null {
  return value === null || !value.includes('\0') ? value : value.replaceAll('\0', '␀');
}
