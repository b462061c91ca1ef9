/** Types of a JSON value as a consumer meets them. */
export type JsonType = 'string' | 'number' | 'boolean' | 'null' | 'object' | 'array';

/** The fields of one value: each path with the types it has there. `[]` stands for every element of a list, `*` for names that are data themselves. */
export type Shape = ReadonlyMap<string, ReadonlySet<JsonType>>;

const MOST_PATHS = 300;
const MOST_DEPTH = 8;
const MOST_ELEMENTS = 20;
/** An object with more members than this is a table, its names are keys of rows. */
const MOST_NAMES = 60;
const IDENTIFIER = /^[A-Za-z_$@][\w$.-]{0,63}$/u;
const NUMBERED = /\d{3}/u;

/**
 * What fields a JSON value has and of which types, without any of its values. Names that look like data (ids, addresses, numbers) are told as `*`,
 * so that no customer's name becomes a path. Bounded: what is deeper, or comes after 300 paths, is left out.
 */
export function shapeOf(value: unknown): Shape {
  const shape = new Map<string, Set<JsonType>>();
  add(value, '', 0, shape);
  shape.delete('');
  return shape;
}

function add(value: unknown, path: string, depth: number, shape: Map<string, Set<JsonType>>): void {
  const type = typeOf(value);
  if (type === null) return;
  let types = shape.get(path);
  if (types === undefined) {
    if (shape.size >= MOST_PATHS) return;
    types = new Set();
    shape.set(path, types);
  }
  types.add(type);
  if (depth >= MOST_DEPTH) return;
  if (Array.isArray(value)) {
    for (const element of value.slice(0, MOST_ELEMENTS) as unknown[]) add(element, `${path}[]`, depth + 1, shape);
  } else if (type === 'object') {
    const members = Object.entries(value as object);
    const table = members.length > MOST_NAMES;
    for (const [name, member] of members.slice(0, MOST_PATHS)) {
      // `__proto__` would be no member of the objects that paths are kept in.
      const told = !table && name !== '__proto__' && IDENTIFIER.test(name) && !NUMBERED.test(name) ? name : '*';
      add(member, path === '' ? told : `${path}.${told}`, depth + 1, shape);
    }
  }
}

function typeOf(value: unknown): JsonType | null {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'number':
    case 'bigint':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'object':
      return 'object';
    default:
      return null;
  }
}

/** The field that a path lies in; '' is the value itself. `a.b[].c` lies in `a.b[]`, that in `a.b`. Names hold dots, so the longest known one counts. */
export function parentOf(path: string, isKnown: (path: string) => boolean): string {
  for (let end = path.length - 1; end > 0; end -= 1) {
    const head = path.slice(0, end);
    if ((path[end] === '.' || path.startsWith('[]', end)) && isKnown(head)) return head;
  }
  return '';
}
