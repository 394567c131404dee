import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { branch, sha } from '../testing.ts';
import { code, githubMessages } from './messages.ts';

describe('text in a code span', () => {
  it('cannot end it, whatever it has in it', () => {
    const text = fc.string({ unit: fc.constantFrom('`', 'a', ' ', '\n', '@', '\r', '<', '\u202e') });
    fc.assert(
      fc.property(text, (given) => {
        const span = code(given);
        const [fence = ''] = /^`+/.exec(span) ?? [];
        const inside = span.slice(fence.length, -fence.length);
        assert.ok(span.endsWith(fence));
        assert.doesNotMatch(span, /[\n\r\u202e]/);
        assert.equal(
          [...inside.matchAll(/`+/g)].some(([run]) => run === fence),
          false,
        );
        // A run of the text's own must not grow the fence.
        if (inside !== '') assert.ok(!inside.startsWith('`') && !inside.endsWith('`'));
      }),
    );
  });
});

describe('the text of an issue', () => {
  it('stays below what GitHub takes, however many files there are', () => {
    const files = Array.from({ length: 10_000 }, (_, n) => `${'d'.repeat(400)}/${n}`);
    const facts = { project: 'p', from: branch('stable'), to: branch('db-devel') };
    const body = githubMessages.issueBody({ ...facts, fromTip: sha(1), toTip: sha(2), files });
    assert.ok(body.length < 65_536, `${body.length}`);
    assert.match(body, /and 9800 more files/);
  });
});
