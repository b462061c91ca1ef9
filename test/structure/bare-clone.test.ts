import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import test from 'node:test';
import { PROJECT_DIR } from '#lib/paths.ts';

/** Files that `file` imports when it is loaded: no types, no `await import(…)`. */
function staticImports(file: string): string[] {
  const source = readFileSync(file, 'utf8');
  return [...source.matchAll(/^(?:import|export) (?!type\b)(?:[^'";]*? from )?'([^']+)'/gm)]
    .map((match) => match[1]!)
    .flatMap((name) => (name.startsWith('.') ? [join(dirname(file), name)] : name.startsWith('#') ? [join(PROJECT_DIR, name.slice(1))] : []));
}

test('nothing the launcher loads at once imports the database client, which a bare clone has to generate first', () => {
  const seen = new Set<string>();
  const open = globSync('launcher/*.ts', { cwd: PROJECT_DIR }).map((file) => join(PROJECT_DIR, file));
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const path = relative(PROJECT_DIR, file);
    assert.ok(!path.startsWith(join('prisma', 'generated')), `the launcher imports ${path}`);
    if (existsSync(file)) open.push(...staticImports(file));
  }
  assert.ok(seen.size > 25, 'the walk found next to nothing');
});
