import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { compiledSchema } from '../src/compiled.ts';
import { minimal, text } from '../testing/reports.ts';
import { directoryWith, run } from './command.ts';

const moving = text`
  project: q
  repository: https://git.example.org/q
  push: git@git.example.org:q.git
  images: { noble: { base: "ubuntu:24.04" } }
  builders:
    q-main: { branch: main, image: noble, steps: [make, make check] }
    q-db: { branch: db, host: true, steps: [make] }
  promotions: [{ from: main, to: stable }, { from: db, to: db-stable }]
  merges:
    - { from: stable, into: db }
    - { from: db-stable, into: main, schedule: manual }
  testfix: true
`;

test('check tells what the files say', async () => {
  await using directory = await directoryWith({
    'p.yaml': minimal,
    'q.yml': moving,
    'notes.txt': 'no pipeline',
  });
  const { code, stdout, stderr } = await run(['check', '.'], directory.path);
  assert.equal(
    stdout,
    text`
      p (p.yaml)
        reads /srv/p every 30s
        builders
          b: main, on the worker itself, 1 step
      q (q.yml)
        reads https://git.example.org/q every 30s, with testfix
        pushes to git@git.example.org:q.git
        builders
          q-main: main, in noble, 2 steps
          q-db: db, on the worker itself, 1 step
        promotions
          main -> stable, when green: q-main
          db -> db-stable, when green: q-db
        merges
          stable -> db, whenever stable moved
          db-stable -> main, when an operator says so
    `,
  );
  assert.equal(stderr, '');
  assert.equal(code, 0);
});

test('check tells all mistakes of all files at once', async () => {
  await using directory = await directoryWith({
    'a.yaml': `${minimal}pol: 1m\n`,
    'b.yaml': 'project: "p',
    'c.yaml': `${minimal}testfix: yes\n`,
    'd.yaml': Buffer.from([...Buffer.from('project: p # caf'), 0xe9, 0x0a]),
  });
  const { code, stdout, stderr } = await run(
    ['check', 'a.yaml', 'gone.yaml', '.', '/dev/null'],
    directory.path,
  );
  assert.equal(
    stderr,
    [
      '/dev/null:1:1: found something that is not a file; write the path of a file or a directory',
      'a.yaml:4:1: found the unknown key "pol"; write `poll`',
      'b.yaml:1:12: found a mistake in the YAML (Missing closing "quote); write what is missing',
      'c.yaml:1:10: found the project "p" a second time, after a.yaml:1; write another name: Buildbot has one project of a name',
      'c.yaml:3:13: found the builder "b" a second time, after a.yaml:3; write another name: Buildbot has one builder of a name',
      'c.yaml:4:10: found "yes"; write `true` or `false`',
      'd.yaml:1:17: found bytes that are not UTF-8; write the file as UTF-8 text',
      'gone.yaml:1:1: found no such file or directory; write the path of a pipeline file',
      '8 mistakes\n',
    ].join('\n'),
  );
  assert.equal(stdout, '');
  assert.equal(code, 1);
});

test('compile prints what master.cfg loads, and nothing when there is a mistake', async () => {
  await using directory = await directoryWith({ 'p.yaml': minimal, 'q.yaml': moving, 'bad.yml': 'x' });
  const good = await run(['compile', 'p.yaml', 'q.yaml'], directory.path);
  const { projects } = compiledSchema.parse(JSON.parse(good.stdout));
  assert.deepEqual(
    projects.map(({ name }) => name),
    ['p', 'q'],
  );
  assert.equal(good.code, 0);
  const bad = await run(['compile', '.'], directory.path);
  assert.match(bad.stderr, /^bad\.yml:1:1: found "x"; write a map with .*\n1 mistake\n$/);
  assert.equal(bad.stdout, '');
  assert.equal(bad.code, 1);
});

test('format prints the canonical file', async () => {
  await using directory = await directoryWith({
    'q.yaml': moving.replaceAll('"', "'").replace('steps: [make]', 'steps: [ make ]'),
  });
  const { code, stdout } = await run(['format', 'q.yaml'], directory.path);
  assert.equal(
    stdout,
    text`
      project: q
      repository: https://git.example.org/q
      push: git@git.example.org:q.git
      images:
        noble: { base: ubuntu:24.04 }
      builders:
        q-main:
          branch: main
          image: noble
          steps:
            - make
            - make check
        q-db:
          branch: db
          host: true
          steps:
            - make
      promotions:
        - { from: main, to: stable }
        - { from: db, to: db-stable }
      merges:
        - { from: stable, into: db, schedule: promotion }
        - { from: db-stable, into: main, schedule: manual }
      testfix: true
    `,
  );
  assert.equal(code, 0);
});

test('schema prints a JSON Schema', async () => {
  const { code, stdout } = await run(['schema']);
  const schema = z
    .looseObject({ $schema: z.string(), required: z.array(z.string()) })
    .parse(JSON.parse(stdout));
  assert.equal(schema.$schema, 'https://json-schema.org/draft/2020-12/schema');
  assert.deepEqual(schema.required, ['project', 'repository', 'builders']);
  assert.equal(code, 0);
});

test('help and version go to standard output', async () => {
  const help = await run(['--help']);
  assert.match(help.stdout, /^Usage: lpbuildbot-pipeline /);
  assert.match(help.stdout, /Exit status: 0 .*, 1 .*, 2 /);
  assert.equal(help.code, 0);
  const version = await run(['--version']);
  assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
  assert.equal(version.code, 0);
});

test('wrong usage is told apart from mistakes in files', async () => {
  for (const args of [
    [],
    ['chek', 'x'],
    ['check'],
    ['check', '--strict', 'x'],
    ['format'],
    ['format', 'a', 'b'],
    ['schema', 'x'],
  ]) {
    const { code, stdout, stderr } = await run(args);
    assert.equal(code, 2, args.join(' '));
    assert.equal(stdout, '');
    assert.match(stderr, /^(error: |Usage: )/);
  }
});

test('a directory without pipeline files is a mistake', async () => {
  await using directory = await directoryWith({ '.hidden.yaml': minimal, 'README.md': '' });
  const { code, stderr } = await run(['check', '.'], directory.path);
  assert.equal(
    stderr,
    '.:1:1: found a directory without `*.yaml` or `*.yml`; write a pipeline file into it\n1 mistake\n',
  );
  assert.equal(code, 1);
});
