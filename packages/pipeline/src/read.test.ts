import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { configurations } from '../testing/arbitrary.ts';
import { minimal, text } from '../testing/reports.ts';
import { formatPipeline } from './format.ts';
import { formatMistakes } from './mistake.ts';
import type { Pipeline } from './model.ts';
import { readPipelines } from './read.ts';

function accepted(...files: string[]): readonly Pipeline[] {
  const reading = readPipelines(files.map((file, index) => ({ file: `${index}.yaml`, text: file })));
  if (reading.kind === 'refused') throw new Error(formatMistakes(reading.mistakes));
  return reading.pipelines;
}

const launchpad = text`
  project: launchpad
  repository: https://git.launchpad.net/launchpad
  push: git+ssh://lp-buildbot@git.launchpad.net/launchpad     # default: repository
  poll: 30s
  images:
    focal:            { base: "ubuntu:20.04" }
    focal-postgres14: { base: focal, flavor: postgres14 }
  builders:
    lp-devel-focal:
      branch: master
      image: focal
      steps:
        - make clean build
        - { run: xvfb-run -a make check, timeout: 2h, name: test }
    lp-db-devel-focal: { branch: db-devel, image: focal, steps: [make check] }
  promotions:
    - { from: master, to: stable }                   # requires: every builder of "from", unless listed
    - { from: db-devel, to: db-stable }
  merges:
    - { from: stable, into: db-devel, schedule: "*/10 * * * *" }   # cron, or "promotion": right after "stable" moved
    - { from: db-stable, into: master, schedule: manual }          # after a schema deployment, when an operator says so
  testfix: true
  notify: { mattermost: { channel: launchpad-buildbot } }
`;

test("Launchpad's own pipeline means what Launchpad does", () => {
  assert.deepEqual(accepted(launchpad), [
    {
      file: '0.yaml',
      project: 'launchpad',
      repository: 'https://git.launchpad.net/launchpad',
      push: 'git+ssh://lp-buildbot@git.launchpad.net/launchpad',
      pollSeconds: 30,
      images: [
        { name: 'focal', base: 'ubuntu:20.04' },
        { name: 'focal-postgres14', base: 'focal', flavor: 'postgres14' },
      ],
      builders: [
        {
          name: 'lp-devel-focal',
          branch: 'master',
          runs: { on: 'image', image: 'focal' },
          steps: [
            { name: 'make clean build', run: 'make clean build' },
            { name: 'test', run: 'xvfb-run -a make check', timeoutSeconds: 7200 },
          ],
        },
        {
          name: 'lp-db-devel-focal',
          branch: 'db-devel',
          runs: { on: 'image', image: 'focal' },
          steps: [{ name: 'make check', run: 'make check' }],
        },
      ],
      promotions: [
        { from: 'master', to: 'stable', requires: ['lp-devel-focal'] },
        { from: 'db-devel', to: 'db-stable', requires: ['lp-db-devel-focal'] },
      ],
      merges: [
        { from: 'stable', into: 'db-devel', schedule: { kind: 'cron', expression: '*/10 * * * *' } },
        { from: 'db-stable', into: 'master', schedule: { kind: 'manual' } },
      ],
      testfix: true,
      notify: { mattermost: { channel: 'launchpad-buildbot', builds: 'changes', stuckSeconds: 14_400 } },
    },
  ]);
});

test('what is left out has its default', () => {
  assert.deepEqual(accepted(minimal), [
    {
      file: '0.yaml',
      project: 'p',
      repository: '/srv/p',
      push: '/srv/p',
      pollSeconds: 30,
      images: [],
      builders: [{ name: 'b', branch: 'main', runs: { on: 'host' }, steps: [{ name: 'make', run: 'make' }] }],
      promotions: [],
      merges: [],
      testfix: false,
      notify: {},
    },
  ]);
});

test('who is told is told what they ask for', () => {
  const [pipeline] = accepted(
    `${minimal}notify: { mattermost: { channel: x, builds: all, stuck: 90m }, mail: { to: [a@example.org] } }\n`,
  );
  assert.deepEqual(pipeline?.notify, {
    mattermost: { channel: 'x', builds: 'all', stuckSeconds: 5400 },
    mail: { to: ['a@example.org'] },
  });
});

test('a promotion requires every builder of its branch, and a merge follows it at once', () => {
  const [pipeline] = accepted(text`
    project: p
    repository: /srv/p
    builders:
      unit: { branch: main, host: true, steps: [make] }
      docs: { branch: main, host: true, steps: [make] }
      next: { branch: next, host: true, steps: [make] }
    promotions: [{ from: main, to: stable }]
    merges: [{ from: stable, into: next }]
  `);
  assert.deepEqual(pipeline?.promotions, [{ from: 'main', to: 'stable', requires: ['unit', 'docs'] }]);
  assert.deepEqual(pipeline?.merges, [{ from: 'stable', into: 'next', schedule: { kind: 'promotion' } }]);
});

test('an editor may write a byte order mark, CRLF and no last newline', () => {
  const [expected] = accepted(minimal);
  assert.deepEqual(accepted(`\ufeff${minimal.trimEnd().replaceAll('\n', '\r\n')}`), [expected]);
});

test('anchors save typing', () => {
  const [pipeline] = accepted(text`
    project: p
    repository: /srv/p
    builders:
      a: &it { branch: &main main, host: true, steps: &steps [make, &check make check] }
      b: { branch: *main, host: true, steps: [*check] }
      c: *it
  `);
  const runs = pipeline?.builders.map(({ branch, steps }) => [branch, ...steps.map(({ run }) => run)]);
  assert.deepEqual(runs, [
    ['main', 'make', 'make check'],
    ['main', 'make check'],
    ['main', 'make', 'make check'],
  ]);
});

test('a branch that another file of the repository builds may be merged into', () => {
  const [, second] = accepted(
    text`
      project: next
      repository: https://git.example.org/p
      builders: { next: { branch: next, host: true, steps: [make] } }
    `,
    text`
      project: main
      repository: https://git.example.org/p.git
      builders: { main: { branch: main, host: true, steps: [make] } }
      promotions: [{ from: main, to: stable }]
      merges: [{ from: stable, into: next }]
    `,
  );
  assert.equal(second?.merges.length, 1);
});

test('no text makes reading throw, and each mistake has its place in the text', () => {
  const soup = fc
    .array(
      fc.oneof(
        fc.constantFrom(...launchpad.split(/\b/), '\t', '&a', '*a', '---\n'),
        fc.string({ unit: 'binary' }),
      ),
    )
    .map((words) => words.join(''));
  fc.assert(fc.property(soup, isReadOrToldWhyNot), { numRuns: 500 });
});

test('what was cut, doubled or swapped in an accepted file is read or told', () => {
  const changed = fc.gen().map((draw) => {
    let mangled = draw(() => configurations(1))
      .map(formatPipeline)
      .join('');
    for (let changes = draw(fc.integer, { min: 1, max: 4 }); changes > 0; changes -= 1) {
      const from = draw(fc.nat, mangled.length);
      const to = draw(fc.integer, { min: from, max: Math.min(mangled.length, from + 30) });
      const piece = draw(pieces);
      mangled =
        mangled.slice(0, from) +
        piece +
        (draw(fc.boolean) ? mangled.slice(from, to) : '') +
        mangled.slice(to);
    }
    return mangled;
  });
  fc.assert(fc.property(changed, isReadOrToldWhyNot), { numRuns: 500 });
});

function pieces(): fc.Arbitrary<string> {
  return fc.constantFrom(
    '',
    '',
    ' ',
    '\n',
    '\n  ',
    ':',
    '- ',
    '{',
    '}',
    '[',
    ']',
    '"',
    '*x',
    '&x ',
    '#',
    ',',
    '1',
    '\0',
  );
}

function isReadOrToldWhyNot(file: string): void {
  const reading = readPipelines([{ file: 'f', text: file }]);
  if (reading.kind === 'accepted') {
    const again = accepted(...reading.pipelines.map(formatPipeline));
    assert.deepEqual(
      again,
      reading.pipelines.map((pipeline) => ({ ...pipeline, file: '0.yaml' })),
    );
    return;
  }
  assert.notEqual(reading.mistakes.length, 0);
  const lines = file.split('\n');
  for (const { line, column } of reading.mistakes) {
    assert.ok(column >= 1 && column <= (lines[line - 1] ?? '').length + 2, `no place ${line}:${column}`);
  }
  // Nothing of the file may reach a terminal as an order.
  assert.match(formatMistakes(reading.mistakes), /^(\P{C}|\n)*$/u);
}
