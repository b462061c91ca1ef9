import { celEnv, isCelError, parse, plan } from '@bufbuild/cel';
import { strings } from '@bufbuild/cel/ext';

/** What a filter sees of a record. Values are those of the decoders: bigint, string, boolean, number, Uint8Array, Map, array, null. */
export interface FilterInput {
  key: unknown;
  value: unknown;
  headers: Map<string, unknown>;
  offset: bigint;
  partition: bigint;
  timestamp: unknown;
}

export type CompiledFilter = { filter: (input: FilterInput) => { matched: boolean; error: string | null } } | { invalid: { message: string; position: number | null } };

const VARIABLES = ['key', 'value', 'headers', 'offset', 'partition', 'timestamp'];
const TYPES = ['bool', 'int', 'uint', 'double', 'string', 'bytes', 'list', 'map', 'null_type', 'type', 'google'];
const MOST_NODES = 5_000;

/** A part of the parsed expression, as far as names are looked for in it. */
interface Node {
  id?: bigint;
  exprKind?: { case?: string; value?: unknown };
}

/**
 * Compiles a CEL expression (Common Expression Language; regular expressions are RE2). Names that no record has are refused here, with their place,
 * so that a misspelt variable is not an error of every record.
 */
export function compileFilter(text: string): CompiledFilter {
  try {
    const env = celEnv({ funcs: strings });
    const parsed = parse(text);
    const positions = (parsed.sourceInfo?.positions ?? {}) as Record<string, number>;
    const unknown = unknownName(parsed.expr as Node | undefined, new Set([...VARIABLES, ...TYPES]), (name) => env.funcs.find(name) !== undefined);
    if (unknown) return { invalid: { message: unknown.message, position: positions[String(unknown.id)] ?? null } };
    const run = plan(env, parsed);
    return {
      filter(input) {
        const result = run(input as never);
        if (isCelError(result)) return { matched: false, error: result.message };
        return typeof result === 'boolean' ? { matched: result, error: null } : { matched: false, error: 'the expression gives no yes or no' };
      },
    };
  } catch (error) {
    const place = (error as { location?: { start?: { offset?: number } } }).location?.start?.offset;
    const raw = (error as { rawMessage?: unknown }).rawMessage;
    const message = error instanceof RangeError ? 'the expression is nested too deeply' : error instanceof Error ? error.message : String(error);
    return { invalid: { message: typeof raw === 'string' ? raw : message, position: place ?? null } };
  }
}

/** The first name in the expression that is neither a variable, a type, a function nor bound by a macro. */
function unknownName(root: Node | undefined, known: ReadonlySet<string>, isFunction: (name: string) => boolean): { message: string; id: bigint } | null {
  let nodes = 0;
  const visit = (node: Node | undefined, bound: ReadonlySet<string>): { message: string; id: bigint } | null => {
    const value = node?.exprKind?.value as Record<string, unknown> | undefined;
    if (!node || !value) return null;
    nodes += 1;
    if (nodes > MOST_NODES) return { message: 'the expression is too long', id: node.id ?? 0n };
    const all = (list: readonly (Node | undefined)[], inner: ReadonlySet<string> = bound) => {
      for (const item of list) {
        const found = visit(item, inner);
        if (found) return found;
      }
      return null;
    };
    switch (node.exprKind?.case) {
      case 'identExpr': {
        const name = String(value['name']).replace(/^\./, '');
        return bound.has(name) ? null : { message: `there is no "${name}": a filter knows ${VARIABLES.join(', ')}`, id: node.id ?? 0n };
      }
      case 'selectExpr':
        return visit(value['operand'] as Node, bound);
      case 'callExpr': {
        const name = String(value['function']);
        const target = value['target'] as Node | undefined;
        // Operators have names with signs in them.
        if (/^\w+$/.test(name) && !isFunction(name)) return { message: `there is no function "${name}"`, id: node.id ?? 0n };
        return all([target, ...(value['args'] as Node[])]);
      }
      case 'listExpr':
        return all(value['elements'] as Node[]);
      case 'structExpr':
        return all((value['entries'] as { keyKind?: { case?: string; value?: Node }; value?: Node }[]).flatMap((entry) => [entry.keyKind?.case === 'mapKey' ? entry.keyKind.value : undefined, entry.value]));
      case 'comprehensionExpr': {
        const inner = new Set([...bound, ...['iterVar', 'iterVar2', 'accuVar'].flatMap((name) => (typeof value[name] === 'string' ? [value[name]] : []))]);
        return all([value['iterRange'] as Node, value['accuInit'] as Node]) ?? all([value['loopCondition'], value['loopStep'], value['result']] as Node[], inner);
      }
      default:
        return null;
    }
  };
  return visit(root, known);
}
