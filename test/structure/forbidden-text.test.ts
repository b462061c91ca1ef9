import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';
import { PROJECT_DIR } from '#lib/paths.ts';

/** Places in tracked files where a pattern (extended regular expression) occurs. */
function places(pattern: string, ...paths: string[]): string[] {
  const asked = spawnSync('git', ['grep', '-nIE', pattern, '--', ...paths, ':!test/structure/', ':!test/corpora/', ':!package-lock.json'], { cwd: PROJECT_DIR, encoding: 'utf8' });
  assert.ok(asked.status === 0 || asked.status === 1, asked.stderr);
  return asked.stdout.split('\n').filter((line) => line !== '');
}

test('there is no Server Action: every change goes through a route handler that authorises', () => {
  assert.deepEqual(places(`^[[:space:]]*['"]use server['"]`, '*.ts', '*.tsx'), []);
});

test('no path of a developer’s machine is in the project', () => {
  assert.deepEqual(places('(^|[^A-Za-z0-9_.-])/(root|home|Users|farm|work)/[A-Za-z0-9_.-]+', '.'), []);
  assert.deepEqual(places('\\.\\./shared(/|$)', '.'), []);
});

test('offsets never become numbers', () => {
  assert.deepEqual(places('(Number|parseInt|parseFloat)\\([A-Za-z_.]*[oO]ffset\\)', '*.ts', '*.tsx', ':!*.test.ts'), []);
});

test('no test is skipped, left for later or run alone', () => {
  assert.deepEqual(places('(^|[^A-Za-z])(test|it|describe)\\.(skip|only|todo|fixme)\\(', '*.test.ts', '*.spec.ts'), []);
  assert.deepEqual(places('[{,] *(skip|only|todo): *(true|.)', '*.test.ts', '*.spec.ts').filter((line) => /\b(skip|todo): *(true|['"`])/.test(line)), []);
});
