import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommandDoc } from './doc.ts';
import { manFile, manPage } from './man.ts';

const doc: CommandDoc = {
  name: 'lpbuildbot-paint',
  section: 8,
  summary: "paint fences - not walls, don't",
  description: ['First.', ".dot and 'quote at the start, a \\ within."],
  options: [
    {
      key: 'maxWidth',
      kind: 'value',
      need: 'optional',
      byDefault: '3',
      placeholder: 'METRES',
      about: 'leave wider ones',
    },
    { key: 'colour', kind: 'value', need: 'required', placeholder: 'COLOUR', about: 'the colour' },
    { key: 'helper', kind: 'list', placeholder: 'NAME', about: 'who helps' },
  ],
  operands: { placeholder: 'FENCE', about: 'A fence.', min: 0, verbatim: false },
  exitCodes: [{ what: '0', meaning: 'painted' }],
  examples: [{ what: 'lpbuildbot-paint --colour red', meaning: 'paint all red' }],
  files: [{ what: '/etc/paint', meaning: 'the colours' }],
  seeAlso: ['brush(1)', 'paper'],
};

test('the page has the sections in the order of the manual', () => {
  const page = manPage(doc, { version: '1.2.3', date: '2026-11-23' });
  assert.deepEqual(page.match(/^\.SH .*/gm), [
    '.SH NAME',
    '.SH SYNOPSIS',
    '.SH DESCRIPTION',
    '.SH OPTIONS',
    '.SH EXIT STATUS',
    '.SH FILES',
    '.SH EXAMPLES',
    '.SH SEE ALSO',
  ]);
  assert.match(page, /^\.TH LPBUILDBOT-PAINT 8 2026-11-23 "lpbuildbot 1\.2\.3" "lpbuildbot"$/m);
  assert.equal(manFile(doc), 'lpbuildbot-paint.8');
});

test('options say what they need, and words reach the reader as they were written', () => {
  const page = manPage(doc, { version: '1.2.3', date: '2026-11-23' });
  for (const part of [
    '\\fB\\-\\-max\\-width\\fR \\fIMETRES\\fR\nLeave wider ones. Default: 3.',
    '\\fB\\-\\-colour\\fR \\fICOLOUR\\fR\nThe colour. Required.',
    'Who helps. May be given several times.',
    '\\fB\\-V\\fR, \\fB\\-\\-version\\fR',
    '\n\\&.dot and \\(aqquote at the start, a \\e within.',
    '\\fB2\\fR\nWrong usage: nothing was done.',
    '\\fBbrush\\fR(1), paper',
  ])
    assert.ok(page.includes(part), page);
});

test('a page without files, examples and references has no empty sections', () => {
  const page = manPage(
    { ...doc, files: [], examples: [], seeAlso: [] },
    { version: '1', date: '2026-11-23' },
  );
  assert.doesNotMatch(page, /FILES|EXAMPLES|SEE ALSO/);
});
