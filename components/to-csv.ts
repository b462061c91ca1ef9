/**
 * CSV text (RFC 4180). Cells that a spreadsheet would run as a formula get a leading apostrophe
 * (they start with = + - @ TAB or CR): what is in a topic is somebody else's input.
 */
export function toCsv(rows: readonly (readonly (string | number | bigint | null)[])[]): string {
  return rows.map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n';
}

function cell(value: string | number | bigint | null): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) && !/^-?\d+(\.\d+)?$/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
