import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import { databagChanges, databagYaml } from './databag.ts';

/** Text with what breaks files and command lines: lines of every kind, options, quotes, emoji, control characters. */
const awkward = fc.constantFrom(
  '\n',
  '\r',
  '\t',
  '\u0085',
  '\u2028',
  '\u007f',
  '\0',
  '\ufeff',
  '#',
  '=',
  ': ',
  '- ',
  '"',
  "'",
  '\\',
  '😀',
  '--',
  '<<',
);
const text = fc.oneof(
  fc.string({ unit: 'binary' }).filter((value) => value.isWellFormed()),
  fc.array(fc.oneof(awkward, fc.string()), { maxLength: 8 }).map((parts) => parts.join('')),
);
const key = text.filter((value) => value !== '' && value !== '__proto__');
const databag = fc.dictionary(key, text, { noNullPrototype: true });

test('any text comes out of the YAML as it went in', () => {
  fc.assert(
    fc.property(databag, (data) => {
      const yaml = databagYaml('relation-set', data);
      assert.deepEqual(parse(yaml), data);
      assert.match(
        yaml,
        /^[\n\x20-\x7e]*$/,
        'printable ASCII alone, which no parser of YAML reads in two ways',
      );
    }),
  );
});

test('a key that every object has is a key like any other', () => {
  assert.deepEqual(databagChanges({ toString: 'x' }, {}), { toString: '' });
  assert.deepEqual(databagChanges({}, { valueOf: 'x' }), { valueOf: 'x' });
});

test('applying the changes gives what was desired, and nothing is changed twice', () => {
  fc.assert(
    fc.property(databag, databag, (before, wanted) => {
      const current = filled(before);
      const desired = filled(wanted);
      const after = filled({ ...current, ...databagChanges(current, desired) });
      assert.deepEqual(after, desired);
      assert.deepEqual(databagChanges(after, desired), {});
    }),
  );
});

test("Juju's own keys stay", () => {
  const current = { 'ingress-address': '192.0.2.1', 'egress-subnets': '192.0.2.1/32', old: '1' };
  assert.deepEqual(databagChanges(current, { port: '80' }), { old: '', port: '80' });
});

test('half a character and an empty key are refused', () => {
  assert.throws(() => databagYaml('relation-set', { key: '\ud83d' }), { name: 'UnsendableError' });
  assert.throws(() => databagYaml('relation-set', { '': 'x' }), {
    message: 'relation-set: a databag has no empty key',
  });
});

/** As Juju keeps it: a key without a value is not there. */
function filled(data: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(data).filter(([, value]) => value !== ''));
}
