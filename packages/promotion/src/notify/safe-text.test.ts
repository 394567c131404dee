import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { outsideOfCode } from '../../../../test/support/fake-mattermost.ts';
import { code, link, plain } from './safe-text.ts';

const nasty = fc.string({
  unit: fc.constantFrom(
    ...[
      '`',
      '``',
      'a',
      ' ',
      '\n',
      '\r',
      '@',
      '<',
      '>',
      '|',
      '!',
      '[',
      ']',
      '(',
      ')',
      '*',
      '_',
      '~',
      '#',
      '\\',
    ],
    ...['\u202e', '\u2066', '\u200b', '\u2028', '\u0000', '\u001b', '\ud83d', '\ude00', '$', ':', '🙂'],
  ),
});

describe('what others have written', () => {
  it('is on one line, with nothing unseen in it, and not too long', () => {
    fc.assert(
      fc.property(nasty, fc.integer({ min: 1, max: 40 }), (text, most) => {
        const line = plain(text, most);
        assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        assert.ok(line.isWellFormed());
        assert.ok([...line].length <= most);
      }),
    );
  });

  it('is left as it is when there is nothing wrong with it', () => {
    assert.equal(plain('Fix *everything*: 日本語 🙂 (LP: #1)', 200), 'Fix *everything*: 日本語 🙂 (LP: #1)');
    assert.equal(code('Fix @channel'), '`Fix @channel`');
    assert.equal(code('a `b`'), '`` a `b` ``');
    assert.equal(code(''), '`  `');
  });

  it('never gets out of its code span, however many stand in a line', () => {
    fc.assert(
      fc.property(fc.array(nasty, { minLength: 1, maxLength: 4 }), (texts) => {
        const line = texts.map((text) => code(text, 50)).join(' and ');
        assert.equal(outsideOfCode(line), texts.map(() => '').join(' and '));
        // What Mattermost takes over from Slack is replaced everywhere.
        assert.doesNotMatch(line, /[<>]/);
      }),
    );
  });

  it('does not end the address of a link', () => {
    assert.equal(
      link('`x`', 'https://b/#/builders/3/builds/4?a=(b)&c=<d> e'),
      '[`x`](https://b/#/builders/3/builds/4?a=%28b%29&c=%3Cd%3E%20e)',
    );
    assert.equal(link('`x`', undefined), '`x`');
  });
});
