/** A value to sort and export by. null = unknown: it sorts last, whichever way. */
export type CellValue = string | number | bigint | null;

/** A row with the key it is known by. */
export interface KeyedRow<Row> {
  id: string;
  original: Row;
}

/**
 * Rows in the order of a value. Words sort as people read them ("p2" before "p10"); equal rows keep their order; unknown comes last,
 * upwards and downwards. Without a value the rows stay as they are.
 */
export function sortRows<Row>(rows: readonly Row[], rowKey: (row: Row) => string, value: ((row: Row) => CellValue) | undefined, desc: boolean): KeyedRow<Row>[] {
  const keyed = rows.map((row) => ({ id: rowKey(row), original: row, value: value?.(row) ?? null }));
  return value ? keyed.sort((left, right) => compareValues(left.value, right.value, desc)) : keyed;
}

const words = new Intl.Collator('en', { numeric: true });

function compareValues(left: CellValue, right: CellValue, desc: boolean): number {
  if (left === null || right === null) return left === right ? 0 : left === null ? 1 : -1;
  const order = typeof left === 'string' && typeof right === 'string' ? words.compare(left, right) : left < right ? -1 : left > right ? 1 : 0;
  return desc ? -order : order;
}
