import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCollect } from './collect.ts';
import { showProblem } from './problem.ts';

test('a collect file is destinations and sources with options', () => {
  const { entries, problems } = parseCollect(
    'collect',
    `# helpers
tools       @
tools/one   git+https://git.example.com/one;revno=v1.2
tools/two   git+ssh://git@git.example.com/two.git;branch=built,overwrite=True
file.tar.gz https://example.com/file.tar.gz
copy        ../elsewhere;method=copy`,
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(
    entries.map(({ line, destination, kind, source, options }) => [
      line,
      destination,
      kind,
      source,
      Object.fromEntries(options),
    ]),
    [
      [2, 'tools', 'empty', '@', {}],
      [3, 'tools/one', 'git', 'git+https://git.example.com/one', { revno: 'v1.2' }],
      [
        4,
        'tools/two',
        'git',
        'git+ssh://git@git.example.com/two.git',
        { branch: 'built', overwrite: 'True' },
      ],
      [5, 'file.tar.gz', 'file', 'https://example.com/file.tar.gz', {}],
      [6, 'copy', 'local', '../elsewhere', { method: 'copy' }],
    ],
  );
});

const mistakes: readonly (readonly [string, string])[] = [
  ['one', 'found only "one"; write DESTINATION SOURCE'],
  [' one @', 'found space at the beginning of the line; begin with the destination'],
  ['one @ # none', 'found "# none" behind the source; give the comment a line of its own'],
  ['../one @', 'found ../one; give a path within the build directory'],
  [
    'one cs:nrpe-33',
    'found cs:nrpe-33; use git, git+ssh, git+http, git+https, git+lp, https for one file, a path, or @',
  ],
  [
    'one https://example.com/one.git',
    'found https://example.com/one.git; write git+https://example.com/one.git: plain https fetches a file',
  ],
  ['one git+https://e.com/one;revno=1,branch=b', 'found revno and branch; give one of them'],
  ['one git+https://e.com/one;rev-no=1', 'found rev-no; write revno'],
  ['one git+https://e.com/one;revno', 'found revno; write KEY=VALUE; values hold no comma and no ='],
  ['one git+https://e.com/one;revno=a=b', 'found revno=a=b; write KEY=VALUE; values hold no comma and no ='],
  ['one git+https://e.com/one;overwrite=False', 'found overwrite=False; leave it out: any value means yes'],
  ['one git+https://e.com/one;depth=all', 'found depth=all; give a number'],
  ['one ../a;method=move', 'found method=move; write rsync, copy, link or hardlink'],
];
for (const [line, told] of mistakes) {
  test(`"${line}" is refused with what to write`, () => {
    const { problems } = parseCollect('devel/collect', line);
    assert.deepEqual(
      problems.map((problem) => showProblem(problem)),
      [`devel/collect:1: ${told}`],
    );
  });
}

test('a destination stands there once', () => {
  const { problems } = parseCollect('collect', 'one @\none @\n');
  assert.deepEqual(
    problems.map((problem) => showProblem(problem)),
    ['collect:2: found one twice; say it once: the last line would win'],
  );
});
