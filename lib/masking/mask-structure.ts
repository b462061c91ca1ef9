import { isEnd, type JsonPath, type PathState, startPaths, stepPaths } from './json-path.ts';
import { MASKED } from './masked-text.ts';

/** A copy of a value as lib/decoding gives it (Maps, lists, leaves) with what lies at the paths replaced. */
export function maskStructure(value: unknown, paths: readonly JsonPath[]): unknown {
  const walk = (item: unknown, state: PathState): unknown => {
    if (state.length === 0) return item;
    const inner = (child: unknown, at: string | number) => {
      const next = stepPaths(paths, state, at);
      return isEnd(paths, next) ? MASKED : walk(child, next);
    };
    if (Array.isArray(item)) return item.map(inner);
    if (item instanceof Map) return new Map([...(item as Map<unknown, unknown>)].map(([key, child]) => [key, inner(child, String(key))]));
    return item;
  };
  return walk(value, startPaths(paths));
}
