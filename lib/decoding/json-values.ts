/** JSON as parseJson reads it: whole numbers of 64 bits as bigint, objects as maps. */
export type Json = string | number | bigint | boolean | null | Json[] | Map<string, Json>;

export function isNumber(value: Json): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** What a value is, in words. */
export function nameOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (value instanceof Map) return 'an object';
  return isNumber(value) ? (isOfType(value, 'integer') ? 'an integer' : 'a number') : `a ${typeof value}`;
}

/** JSON Schema's word for a type; an integer is a number too. */
export function isOfType(value: Json, type: Json): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return value instanceof Map;
    case 'integer':
      return typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value));
    case 'number':
      return isNumber(value);
    default:
      return typeof value === type;
  }
}

/** By value: objects without regard to order, 1 and 1.0 the same. */
export function equal(a: Json, b: Json): boolean {
  if (isNumber(a) && isNumber(b)) return a == b; // oxlint-disable-line eqeqeq -- 1n and 1 are the same number
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((one, index) => equal(one, b[index]!));
  if (a instanceof Map && b instanceof Map) return a.size === b.size && [...a].every(([name, one]) => b.has(name) && equal(one, b.get(name)!));
  return a === b;
}
