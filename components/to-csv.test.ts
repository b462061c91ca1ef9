import assert from 'node:assert/strict';
import { it } from 'node:test';
import { toCsv, toTsv } from './to-csv.ts';

it('CSV quotes what RFC 4180 asks for and disarms formulas, but not negative numbers', () => {
  const text = toCsv([
    ['group', 'lag', 'note'],
    ['billing', 1204n, 'a,b'],
    ['=cmd()', -3, 'say "hi"'],
    ['@sum', null, '+1\n2'],
    ['\tx', '-12.5', '-x'],
  ]);
  assert.equal(text, 'group,lag,note\r\nbilling,1204,"a,b"\r\n\'=cmd(),-3,"say ""hi"""\r\n\'@sum,,"\'+1\n2"\r\n\'\tx,-12.5,\'-x\r\n');
});

it('what is copied keeps one row a line and disarms formulas: it is pasted into spreadsheets', () => {
  assert.equal(toTsv([['group', 'note'], ['=HYPERLINK("x")', 'a\tb\nc'], ['-12.5', null], [-3, 7n]]), 'group\tnote\n\'=HYPERLINK("x")\ta b c\n-12.5\t\n-3\t7');
});
