import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { it } from 'node:test';
import { links, withQuery } from './links.ts';

it('every link leads to a page that exists', () => {
  const pages: Record<keyof typeof links, string> = {
    overview: '(console)',
    lag: '(console)/lag',
    group: '(console)/lag/[cluster]/[group]',
    topics: '(console)/topics',
    topic: '(console)/topics/[cluster]/[topic]',
    hygiene: '(console)/hygiene',
    finding: '(console)/hygiene/[id]',
    map: '(console)/map',
    journeys: '(console)/journeys',
    journey: '(console)/journeys/[id]',
    findJourney: '(console)/journeys',
    compareJourney: '(console)/journeys/[id]/compare',
    usualPaths: '(console)/journeys/usual-paths',
    usualPath: '(console)/journeys/usual-paths/[type]',
    missingHop: '(console)/journeys',
    deadLetters: '(console)/dead-letters',
    failure: '(console)/dead-letters',
    deadLetter: '(console)/dead-letters/[id]',
    editDeadLetter: '(console)/dead-letters/[id]/edit',
    replays: '(console)/replays',
    replay: '(console)/replays/[id]',
    alerts: '(console)/alerts',
    rules: '(console)/alerts/rules',
    rule: '(console)/alerts/rules/[id]',
    silences: '(console)/alerts/silences',
    webhooks: '(console)/alerts/webhooks',
    webhook: '(console)/alerts/webhooks/[id]',
    settings: '(console)/settings',
    deadLetterTopics: '(console)/settings/dead-letters',
    headerMapping: '(console)/settings/dead-letters/mapping',
    settingsAccess: '(console)/settings/access',
    settingsAudit: '(console)/settings/audit',
    signIn: 'sign-in',
  };
  for (const [name, folder] of Object.entries(pages)) {
    const url = new URL(`../app/${folder}/page.tsx`, import.meta.url);
    assert.ok(existsSync(url), `${name}: app/${folder}/page.tsx is missing`);
    const build = links[name as keyof typeof links] as (...parts: string[]) => string;
    const path = build('a', 'b').split('?')[0]?.split('/').filter(Boolean) ?? [];
    const expected = folder.split('/').filter((part) => part !== '(console)');
    assert.equal(path.length, expected.length, `${name} leads to /${path.join('/')}`);
    expected.forEach((part, index) => part.startsWith('[') || assert.equal(path[index], part, name));
  }
});

it('names of groups and topics can hold anything and stay one part of the path', () => {
  assert.equal(links.group('a/b', '../../x?y#z %'), '/lag/a%2Fb/..%2F..%2Fx%3Fy%23z%20%25');
  assert.equal(withQuery('/lag', { q: 'a&b=c', cluster: null, range: undefined, sort: '' }), '/lag?q=a%26b%3Dc');
});
