import type { CellValue } from './sort-rows.ts';

/** CSV text (RFC 4180), disarmed. */
export function toCsv(rows: readonly (readonly CellValue[])[]): string {
  return rows.map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n';
}

/** Text for the clipboard: cells divided by tabs, rows by line breaks, disarmed. */
export function toTsv(rows: readonly (readonly CellValue[])[]): string {
  return rows.map((row) => row.map((value) => disarmed(value).replaceAll(/[\t\r\n]+/g, ' ')).join('\t')).join('\n');
}

function cell(value: CellValue): string {
  const safe = disarmed(value);
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** What a spreadsheet would run as a formula (it starts with = + - @ TAB or CR) gets a leading apostrophe: what is in a topic is somebody else's input. */
function disarmed(value: CellValue): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  return /^[=+\-@\t\r]/.test(value) && !/^-?\d+(\.\d+)?$/.test(value) ? `'${value}` : value;
}
