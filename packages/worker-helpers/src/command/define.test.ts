import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { commandLine, defaulted, defineCommand, flag, list, none, required, some, value } from './define.ts';
import { Failure } from './failure.ts';
import { runCommand } from './testing.ts';

const count = z.string().regex(/^\d+$/, 'it is not a whole number').transform(Number);

const paint = defineCommand({
  name: 'lpbuildbot-paint',
  section: 1,
  summary: 'paint fences',
  description: ['Paints every fence that is named.'],
  options: {
    coats: defaulted({ placeholder: 'N', about: 'how many coats', type: count, byDefault: '2' }),
    maxWidth: value({ placeholder: 'METRES', about: 'leave wider ones', type: count }),
    colour: required({
      placeholder: 'COLOUR',
      about: 'the colour',
      type: z.enum(['red', 'blue'], "it is neither 'red' nor 'blue'"),
    }),
    helper: list({ placeholder: 'NAME', about: 'who helps', type: z.string().min(2, 'it is too short') }),
    dryRun: flag({ about: 'only say it' }),
  },
  operands: some({ placeholder: 'FENCE', about: 'a fence', type: z.string().min(1, 'it is empty') }),
  exitCodes: [
    { what: '0', meaning: 'painted' },
    { what: '1', meaning: 'no paint' },
  ],
  examples: [{ what: 'lpbuildbot-paint --colour red north', meaning: 'paint one red' }],
  files: [],
  seeAlso: [],
  action: async ({ options, operands }, { out, log }) => {
    if (operands.includes('none')) throw new Failure('there is no paint left: buy some.');
    if (operands.includes('wall')) throw new TypeError('a wall is no fence');
    log.info('painting', { fences: operands.length });
    out(JSON.stringify({ options, operands }));
    return operands.includes('wet') ? 1 : 0;
  },
});

const run = (...argv: string[]) => runCommand(paint, argv);

test('options and operands arrive as the types that the definition says', async () => {
  const { code, out } = await run(
    '--colour=red',
    '--max-width',
    '7',
    '--helper',
    'Ann',
    'north',
    '--helper',
    'Bob',
    'east',
  );
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(out), {
    options: { coats: 2, maxWidth: 7, colour: 'red', helper: ['Ann', 'Bob'], dryRun: false },
    operands: ['north', 'east'],
  });
});

test('what is not given is absent, false, empty, or the default', async () => {
  const { out } = await run('--colour', 'blue');
  assert.deepEqual(JSON.parse(out), {
    options: { coats: 2, colour: 'blue', helper: [], dryRun: false },
    operands: [],
  });
});

test('two runs do not share what they were given', async () => {
  await run('--colour', 'blue', '--helper', 'Ann');
  const { out } = await run('--colour', 'blue', '--helper', 'Bob');
  assert.match(out, /"helper":\["Bob"\]/);
});

const mistakes: readonly { readonly argv: readonly string[]; readonly told: readonly string[] }[] = [
  { argv: [], told: ["required option '--colour <COLOUR>' not specified"] },
  { argv: ['--colour', 'red', '--coat', '1'], told: ["unknown option '--coat'", '(Did you mean --coats?)'] },
  {
    argv: ['--colour', 'green', '--coats', 'many', '--helper', 'Ann', '--helper', 'x', ''],
    told: [
      `lpbuildbot-paint: --coats: "many": it is not a whole number`,
      `lpbuildbot-paint: --colour: "green": it is neither 'red' nor 'blue'`,
      `lpbuildbot-paint: --helper: "x": it is too short`,
      `lpbuildbot-paint: FENCE: "": it is empty`,
    ],
  },
  {
    argv: ['--colour', 'red', '--log-format', 'xml'],
    told: [`--log-format: "xml": it is neither 'text' nor 'json'`],
  },
];

for (const { argv, told } of mistakes) {
  test(`wrong usage does nothing and says every mistake: ${argv.join(' ')}`, async () => {
    const { code, out, err } = await run(...argv);
    assert.equal(code, 2);
    assert.equal(out, '');
    for (const part of told) assert.ok(err.includes(part), err);
    assert.ok(err.endsWith("Try 'lpbuildbot-paint --help'.\n"), err);
  });
}

test('the exit code is what the action gives', async () => {
  assert.equal((await run('--colour', 'red', 'wet')).code, 1);
});

test('a failure is one sentence, a mistake of ours has its stack and a code of its own', async () => {
  assert.deepEqual(await run('--colour', 'red', 'none'), {
    code: 1,
    out: '',
    err: 'lpbuildbot-paint: there is no paint left: buy some.\n',
  });
  const { code, err } = await run('--colour', 'red', 'wall');
  assert.equal(code, 70);
  assert.match(err, /please report it[\s\S]*TypeError: a wall is no fence\n +at /);
});

test('people read sentences, the journal gets JSON with the facts', async () => {
  const argv = ['--colour', 'red', 'north'];
  assert.equal((await run(...argv)).err, 'painting\n');
  const { err } = await runCommand(paint, argv, { stderr: 'journal' });
  const { name, msg, fences, level } = JSON.parse(err);
  assert.deepEqual(
    { name, msg, fences, level },
    { name: 'lpbuildbot-paint', msg: 'painting', fences: 1, level: 30 },
  );
  assert.equal((await run(...argv, '--log-format', 'json')).err.startsWith('{'), true);
});

test('help shows usage, options, exit codes and examples; version the version', async () => {
  const { code, out } = await run('--help');
  assert.equal(code, 0);
  for (const part of [
    'Usage: lpbuildbot-paint --colour COLOUR [OPTION...] [FENCE...]',
    'Paints every fence that is named.',
    '--max-width <METRES>',
    '(default: "2")',
    'Exit codes:\n  0   painted\n  1   no paint\n  2   wrong usage',
    'paint one red:\n    lpbuildbot-paint --colour red north',
  ])
    assert.ok(out.includes(part), out);
  assert.deepEqual(await run('--version'), { code: 0, out: 'lpbuildbot-paint 1.2.3\n', err: '' });
});

const wrap = defineCommand({
  ...paint.doc,
  name: 'lpbuildbot-wrap',
  options: { image: required({ placeholder: 'NAME', about: 'in which', type: z.string() }) },
  operands: commandLine({ placeholder: 'COMMAND', about: 'what to run' }),
  action: async ({ operands }, { out }) => {
    out(operands.join(' '));
    return 0;
  },
});

test("a command line's own options are left alone, with and without the dashes before it", async () => {
  for (const dashes of [['--'], []]) {
    const argv = ['--image', 'focal', ...dashes, 'make', '--image', '-j2', '--', '--version'];
    assert.equal((await runCommand(wrap, argv)).out, 'make --image -j2 -- --version\n');
  }
  assert.equal((await runCommand(wrap, ['--image', 'focal'])).code, 2);
});

test('a command that takes no operands refuses them', async () => {
  const bare = defineCommand({ ...paint.doc, options: {}, operands: none, action: async () => 0 });
  const { code, err } = await runCommand(bare, ['what']);
  assert.equal(code, 2);
  assert.match(err, /too many arguments/);
});
