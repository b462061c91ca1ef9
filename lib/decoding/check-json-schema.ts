import { equal, isNumber, isOfType, type Json, nameOf } from './json-values.ts';
import { parseJson } from './parse-json.ts';

/** What a value lacks against its schema, and what of the schema is not evaluated here. */
export interface SchemaFindings {
  faults: { at: string; message: string }[];
  /** Keywords that were met and not checked, each once with its place in the schema. */
  unchecked: string[];
}

const MAX_FAULTS = 20;
const MAX_STEPS = 200_000;
const MAX_DEPTH = 200;
/** Say nothing about whether a value is valid. */
const ANNOTATIONS = new Set(['$schema', '$id', 'id', '$anchor', '$comment', '$defs', 'definitions', 'title', 'description', 'default', 'examples', 'deprecated', 'readOnly', 'writeOnly', 'format', 'contentEncoding', 'contentMediaType', 'javaType', 'then', 'else', 'minContains', 'maxContains']);

class TooMuch extends Error {}

/**
 * Checks a JSON text against a JSON Schema (drafts 4 to 2020-12, the keywords that serialisers' schemas use). Numbers of 64 bits are compared
 * as they are. Regular expressions are not run, because a schema's can be made to run for ever: such keywords, and unknown ones, are named as not checked.
 * @param references schemas by the name under which `$ref` calls them
 * @returns null where one of the texts is no JSON
 */
export function checkJsonSchema(text: string, schemaText: string, references: readonly { name: string; schema: string }[] = []): SchemaFindings | null {
  let value: Json;
  let root: Json;
  const named = new Map<string, Json>();
  try {
    value = parseJson(text) as Json;
    root = parseJson(schemaText) as Json;
    for (const one of references) named.set(one.name, parseJson(one.schema) as Json);
  } catch {
    return null;
  }
  const unchecked = new Set<string>();
  let steps = 0;

  interface Place {
    schema: Json;
    /** What `#` in it means. */
    document: Json;
    /** JSON pointers of the value and of the schema. */
    at: string;
    schemaAt: string;
    depth: number;
  }
  type Report = { faults: SchemaFindings['faults']; open: boolean };

  function check(value: Json, place: Place): Report {
    const report: Report = { faults: [], open: false };
    if ((steps += 1) > MAX_STEPS || place.depth > MAX_DEPTH) throw new TooMuch();
    const { schema } = place;
    if (schema === true || !(schema instanceof Map)) {
      if (schema === false) report.faults.push({ at: place.at, message: 'nothing is allowed here' });
      return report;
    }
    const fault = (message: string) => void report.faults.push({ at: place.at, message });
    const skip = (keyword: string) => {
      unchecked.add(`${keyword} (${place.schemaAt || '#'})`);
      report.open = true;
    };
    const under = (inner: Json, step: string): Place => ({ ...place, schema: inner, schemaAt: `${place.schemaAt}/${step}`, depth: place.depth + 1 });
    const into = (inner: Json, step: string, name: string | number): Place => ({ ...under(inner, step), at: `${place.at}/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}` });
    const add = (inner: Report) => {
      report.faults.push(...inner.faults);
      report.open ||= inner.open;
    };

    for (const [keyword, wanted] of schema) {
      switch (keyword) {
        case '$ref': {
          const target = typeof wanted === 'string' ? resolve(wanted, place.document) : null;
          if (target === null) skip('$ref');
          else add(check(value, { ...under(target.schema, '$ref'), document: target.document }));
          break;
        }
        case 'type': {
          const types = Array.isArray(wanted) ? wanted : [wanted];
          if (!types.some((type) => isOfType(value, type))) fault(`is ${nameOf(value)}, the schema wants ${types.filter((type) => typeof type === 'string').join(' or ')}`);
          break;
        }
        case 'enum':
          if (Array.isArray(wanted) && !wanted.some((one) => equal(one, value))) fault(`is none of the ${wanted.length} values that the schema lists`);
          break;
        case 'const':
          if (!equal(wanted, value)) fault('is not the one value that the schema allows');
          break;
        case 'required':
          if (value instanceof Map && Array.isArray(wanted)) for (const name of wanted) if (typeof name === 'string' && !value.has(name)) fault(`lacks "${name}"`);
          break;
        case 'properties':
          if (value instanceof Map && wanted instanceof Map) for (const [name, inner] of wanted) if (value.has(name)) add(check(value.get(name)!, into(inner, `properties/${name}`, name)));
          break;
        case 'additionalProperties':
          if (!(value instanceof Map)) break;
          if (schema.has('patternProperties')) {
            skip(keyword);
            break;
          }
          for (const [name, inner] of value) {
            if (schema.get('properties') instanceof Map && (schema.get('properties') as Map<string, Json>).has(name)) continue;
            if (wanted === false) fault(`has "${name}", which the schema does not know`);
            else add(check(inner, into(wanted, keyword, name)));
          }
          break;
        case 'propertyNames':
          if (value instanceof Map) for (const name of value.keys()) add(check(name, into(wanted, keyword, name)));
          break;
        case 'dependentRequired':
          if (value instanceof Map && wanted instanceof Map) for (const [name, needs] of wanted) if (value.has(name) && Array.isArray(needs)) for (const needed of needs) if (typeof needed === 'string' && !value.has(needed)) fault(`has "${name}" and lacks "${needed}"`);
          break;
        case 'minProperties':
        case 'maxProperties':
          if (value instanceof Map) bound(value.size, keyword === 'minProperties' ? 'least' : 'most', wanted, 'members', fault);
          break;
        case 'prefixItems':
          if (Array.isArray(value) && Array.isArray(wanted)) for (const [index, inner] of wanted.entries()) if (index < value.length) add(check(value[index]!, into(inner, `${keyword}/${index}`, index)));
          break;
        case 'items': {
          if (!Array.isArray(value)) break;
          const tuple = Array.isArray(wanted) ? wanted : null; // before 2020-12
          const first = Array.isArray(schema.get('prefixItems')) ? (schema.get('prefixItems') as Json[]).length : 0;
          for (const [index, item] of value.entries()) {
            if (tuple ? index < tuple.length : index >= first) add(check(item, into(tuple ? tuple[index]! : wanted, keyword, index)));
          }
          break;
        }
        case 'additionalItems': {
          const tuple = schema.get('items');
          if (Array.isArray(value) && Array.isArray(tuple)) for (const [index, item] of value.entries()) if (index >= tuple.length) add(check(item, into(wanted, keyword, index)));
          break;
        }
        case 'minItems':
        case 'maxItems':
          if (Array.isArray(value)) bound(value.length, keyword === 'minItems' ? 'least' : 'most', wanted, 'items', fault);
          break;
        case 'uniqueItems':
          if (wanted === true && Array.isArray(value)) {
            if (value.length > 1_000) skip(keyword);
            else if (value.some((one, index) => value.slice(0, index).some((other) => equal(one, other)))) fault('holds an item twice');
          }
          break;
        case 'contains':
          if (Array.isArray(value)) {
            const found = value.map((item, index) => check(item, into(wanted, keyword, index)));
            const matches = found.filter((one) => one.faults.length === 0).length;
            const least = schema.get('minContains') ?? 1;
            const most = schema.get('maxContains');
            if (found.some((one) => one.open)) skip(keyword);
            else if ((isNumber(least) && matches < least) || (most !== undefined && isNumber(most) && matches > most)) fault('holds too few or too many items of the kind that the schema wants');
          }
          break;
        case 'minLength':
        case 'maxLength':
          // oxlint-disable-next-line typescript/no-misused-spread -- JSON Schema counts code points
          if (typeof value === 'string') bound([...value].length, keyword === 'minLength' ? 'least' : 'most', wanted, 'characters', fault);
          break;
        case 'minimum':
          if (isNumber(value) && isNumber(wanted) && (value < wanted || (schema.get('exclusiveMinimum') === true && value <= wanted))) fault(`is below the least that the schema allows, ${wanted}`);
          break;
        case 'maximum':
          if (isNumber(value) && isNumber(wanted) && (value > wanted || (schema.get('exclusiveMaximum') === true && value >= wanted))) fault(`is above the most that the schema allows, ${wanted}`);
          break;
        case 'exclusiveMinimum':
          if (isNumber(value) && isNumber(wanted) && value <= wanted) fault(`is not above ${wanted}`);
          break;
        case 'exclusiveMaximum':
          if (isNumber(value) && isNumber(wanted) && value >= wanted) fault(`is not below ${wanted}`);
          break;
        case 'multipleOf':
          if (!isNumber(value) || !isNumber(wanted)) break;
          if (typeof value === 'bigint' && typeof wanted === 'bigint') {
            if (wanted > 0n && value % wanted !== 0n) fault(`is no multiple of ${wanted}`);
          } else skip(keyword); // fractions of binary numbers lie
          break;
        case 'allOf':
          if (Array.isArray(wanted)) for (const [index, inner] of wanted.entries()) add(check(value, under(inner, `${keyword}/${index}`)));
          break;
        case 'anyOf':
        case 'oneOf': {
          if (!Array.isArray(wanted)) break;
          const found = wanted.map((inner, index) => check(value, under(inner, `${keyword}/${index}`)));
          const matches = found.filter((one) => one.faults.length === 0);
          if (matches.some((one) => one.open)) report.open = true;
          if (matches.length === 0) {
            fault(`fits none of the ${wanted.length} forms that the schema allows`);
            // Of several forms the one that comes nearest says what is wrong.
            add({ faults: found.reduce((best, one) => (one.faults.length < best.faults.length ? one : best)).faults, open: false });
          } else if (keyword === 'oneOf' && matches.length > 1 && !matches.some((one) => one.open)) fault(`fits ${matches.length} of the forms of which the schema allows one`);
          break;
        }
        case 'not': {
          const inner = check(value, under(wanted, keyword));
          if (inner.open) report.open = true;
          else if (inner.faults.length === 0) fault('is what the schema rules out');
          break;
        }
        case 'if': {
          const condition = check(value, under(wanted, keyword));
          const branch = condition.faults.length === 0 ? 'then' : 'else';
          if (condition.open) skip(keyword);
          else if (schema.has(branch)) add(check(value, under(schema.get(branch)!, branch)));
          break;
        }
        default:
          if (!ANNOTATIONS.has(keyword) && !keyword.startsWith('x-')) skip(keyword);
      }
    }
    return report;
  }

  function resolve(ref: string, document: Json): { schema: Json; document: Json } | null {
    const hash = ref.indexOf('#');
    const [name, pointer] = hash < 0 ? [ref, ''] : [ref.slice(0, hash), ref.slice(hash + 1)];
    const base = name === '' ? document : (named.get(name) ?? named.get(name.split('/').at(-1)!));
    if (base === undefined) return null;
    if (pointer !== '' && !pointer.startsWith('/')) return null;
    let found: Json | undefined = base;
    for (const step of pointer.split('/').slice(1)) {
      const key = decode(step);
      found = found instanceof Map ? found.get(key) : Array.isArray(found) ? found[Number(key)] : undefined;
      if (found === undefined) return null;
    }
    return { schema: found, document: base };
  }

  try {
    const report = check(value, { schema: root, document: root, at: '', schemaAt: '', depth: 0 });
    return { faults: report.faults.slice(0, MAX_FAULTS), unchecked: [...unchecked].slice(0, MAX_FAULTS) };
  } catch (error) {
    if (error instanceof TooMuch) return { faults: [], unchecked: ['the whole value: schema and value are too large or too deep to compare here'] };
    throw error;
  }
}

function decode(step: string): string {
  let text = step;
  try {
    text = decodeURIComponent(step);
  } catch {
    // A % that is no escape stands for itself.
  }
  return text.replaceAll('~1', '/').replaceAll('~0', '~');
}

function bound(size: number, which: 'least' | 'most', wanted: Json, what: string, fault: (message: string) => void): void {
  if (!isNumber(wanted)) return;
  if (which === 'least' ? size < wanted : size > wanted) fault(`has ${size} ${what}, the schema wants at ${which} ${wanted}`);
}
