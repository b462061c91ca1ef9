import { parentOf, type JsonType, type Shape } from './shape-of.ts';

/** Where and when something was seen. */
export interface Sighting {
  partition: number;
  offset: string;
  atMs: number;
}

interface TypeSeen {
  /** How many records with the field there were when it came up, itself included. */
  first: number;
  seen: number;
  firstAt: Sighting;
  lastAt: Sighting;
}

/** What is known of one field. Counted are the records in which the object that it lies in was there: a field of a part that is missing is not missing itself. */
export interface FieldSeen {
  /** Records that could have had it. */
  records: number;
  /** Records that had it. */
  seen: number;
  /** Which of `records` was the first to have it, and the first that had it not. */
  firstSeen: number;
  firstMissing: number | null;
  firstAt: Sighting;
  lastAt: Sighting;
  firstMissingAt: Sighting | null;
  lastMissingAt: Sighting | null;
  types: Partial<Record<JsonType, TypeSeen>>;
}

/** What is known of the events of one type on a topic. Plain data: it is stored as JSON. */
export interface ShapeState {
  records: number;
  firstAt: Sighting;
  lastAt: Sighting;
  fields: Record<string, FieldSeen>;
}

const MOST_FIELDS = 300;
/** A change this old is how things are now: the field is learned anew. */
const NEWS_MS = 86_400_000;
const FORGOTTEN_MS = 7 * 86_400_000;

/** Takes one more record of an event type into what is known. Changes and returns `state`; null begins. */
export function learnShape(state: ShapeState | null, shape: Shape, at: Sighting): ShapeState {
  const known = state ?? { records: 0, firstAt: at, lastAt: at, fields: {} };
  known.records += 1;
  known.lastAt = at;
  const isKnown = (path: string) => Object.hasOwn(known.fields, path);
  for (const [path, field] of Object.entries(known.fields)) {
    const types = shape.get(path);
    if (types === undefined) {
      // Elements of an empty list are no field that is missing.
      if (path.endsWith('[]')) continue;
      const parent = parentOf(path, isKnown);
      if (parent !== '' && !shape.get(parent)?.has('object')) continue;
      field.records += 1;
      field.firstMissing ??= field.records;
      field.firstMissingAt ??= at;
      field.lastMissingAt = at;
    } else {
      field.records += 1;
      see(field, types, at);
    }
  }
  for (const [path, types] of shape) {
    if (isKnown(path) || Object.keys(known.fields).length >= MOST_FIELDS) continue;
    const parent = parentOf(path, isKnown);
    // Its object was there so often before, this time included, and never with it.
    const before = parent === '' ? known.records : (known.fields[parent]?.seen ?? 1);
    const field: FieldSeen = { records: before, seen: 0, firstSeen: before, firstMissing: before > 1 ? 1 : null, firstAt: at, lastAt: at, firstMissingAt: null, lastMissingAt: null, types: {} };
    see(field, types, at);
    // What makes a name of its own cannot hide one of Object.prototype.
    Object.defineProperty(known.fields, path, { value: field, enumerable: true, writable: true, configurable: true });
  }
  return known;
}

function see(field: FieldSeen, types: ReadonlySet<JsonType>, at: Sighting): void {
  field.seen += 1;
  field.lastAt = at;
  for (const type of types) {
    const known = field.types[type];
    if (known === undefined) field.types[type] = { first: field.seen, seen: 1, firstAt: at, lastAt: at };
    else {
      known.seen += 1;
      known.lastAt = at;
    }
  }
}

/** Begins anew with fields whose last change is a day old, and forgets those that were not seen for a week. Changes and returns `state`. */
export function refreshShape(state: ShapeState, nowMs: number): ShapeState {
  for (const [path, field] of Object.entries(state.fields)) {
    if (field.lastAt.atMs < nowMs - FORGOTTEN_MS) {
      delete state.fields[path];
      continue;
    }
    const changes = [field.firstSeen > 1 ? field.firstAt : null, field.firstMissingAt, ...Object.values(field.types).map((type) => (type.first > 1 ? type.firstAt : null))].filter((at) => at !== null);
    if (changes.length === 0 || changes.some((at) => at.atMs > nowMs - NEWS_MS)) continue;
    // Counting begins anew: with the types of the last day, and as a field that was there from the start.
    const types = Object.entries(field.types).filter(([, type]) => type.lastAt.atMs > nowMs - NEWS_MS).map(([type, seen]) => [type, { ...seen, first: 1, seen: 0 }] as const);
    state.fields[path] = { records: 0, seen: 0, firstSeen: 1, firstMissing: null, firstAt: field.lastAt, lastAt: field.lastAt, firstMissingAt: null, lastMissingAt: null, types: Object.fromEntries(types) };
  }
  return state;
}
