import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { stepNamePattern, stepNames } from './step-name.ts';

function named(...runs: string[]): string[] {
  return stepNames(runs.map((run) => ({ run })));
}

test('a step without a name is called by the beginning of its command', () => {
  assert.deepEqual(
    named('make check', '  ./configure   --prefix=/usr \n make', '# first\n\nset -e\nmake', '-x', '#'),
    ['make check', './configure --prefix=/usr', 'set -e', 'x', '#'],
  );
});

test('a long command is cut between words, and anywhere where there are none', () => {
  const words = `${'word '.repeat(20)}end`;
  assert.deepEqual(named(words, 'x'.repeat(80)), ['word '.repeat(10).trim(), 'x'.repeat(50)]);
});

test('steps that would share a name are numbered, around the names that are given', () => {
  const steps = [
    { run: 'make' },
    { run: 'make' },
    { run: 'x', name: 'make 3' },
    { run: 'make' },
    { run: 'y', name: 'make' },
  ];
  assert.deepEqual(stepNames(steps), ['make 2', 'make 4', 'make 3', 'make 5', 'make']);
  assert.deepEqual(named('x'.repeat(80), 'x'.repeat(90)), ['x'.repeat(50), `${'x'.repeat(48)} 2`]);
});

test('every step gets a name that Buildbot takes, and no two the same', () => {
  const step = fc.record(
    {
      run: fc.oneof(fc.string({ unit: 'binary', maxLength: 100 }), fc.constantFrom('a', 'a 2', ' ', '')),
      name: fc.constantFrom('a', 'a 2', 'b'),
    },
    { requiredKeys: ['run'] },
  );
  const steps = fc.array(step, { maxLength: 12 }).map((all) => {
    const seen = new Set<string>();
    return all.filter(({ name }) => name === undefined || (!seen.has(name) && seen.add(name)));
  });
  fc.assert(
    fc.property(steps, (all) => {
      const names = stepNames(all);
      assert.equal(new Set(names).size, all.length);
      for (const name of names) assert.match(name, stepNamePattern);
      all.forEach(({ name }, index) => {
        if (name !== undefined) assert.equal(names[index], name);
      });
    }),
  );
});
