import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { formatTime } from './format.ts';
import { useTimeZone } from './use-time-zone.ts';

it('what the server paints is in UTC wherever it stands: a browser in another zone hydrates the same text', () => {
  const before = process.env['TZ'];
  process.env['TZ'] = 'Asia/Kolkata';
  try {
    assert.match(formatTime('2026-11-21T12:00:00Z'), /17:30:00/);
    const Clock = () => createElement('time', null, formatTime('2026-11-21T12:00:00Z', useTimeZone()));
    assert.match(renderToString(createElement(Clock)), /12:00:00/);
  } finally {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  }
});
