/** The real runners, with real processes in the place of Juju's tools: each call by itself, and by one shell for all. */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { HookToolUnavailableError } from '../src/errors.ts';
import {
  actionFail,
  actionSet,
  jujuLog,
  relationIdSchema,
  relationSet,
  runHookTool,
  statusSet,
} from '../src/index.ts';
import type { Runner } from '../src/runner.ts';
import { openToolShell } from '../src/tool-shell.ts';

const directory = mkdtempSync(join(tmpdir(), 'juju-tools-'));
const path = process.env.PATH;
process.env.PATH = `${directory}${delimiter}${path}`;
after(() => {
  process.env.PATH = path;
  rmSync(directory, { recursive: true });
});

/** A tool that writes down what it was given, each argument ended by NUL, then what came by stdin. */
function tool(name: string, end = 'exit 0'): { readonly given: () => { args: string[]; stdin: string } } {
  const file = join(directory, name);
  writeFileSync(file, `#!/bin/sh\nprintf '%s\\0' "$@" > '${file}.args'\ncat > '${file}.stdin'\n${end}\n`);
  chmodSync(file, 0o755);
  return {
    given: () => ({
      args: readFileSync(`${file}.args`, 'utf8').split('\0').slice(0, -1),
      stdin: readFileSync(`${file}.stdin`, 'utf8'),
    }),
  };
}

const shell = openToolShell();
after(() => shell.close());
const runners: Readonly<Record<string, Runner>> = {
  'each by itself': runHookTool,
  'by one shell': shell.run,
};

for (const [name, run] of Object.entries(runners)) describe(name, () => cases(run));

function cases(run: Runner): void {
  test('exit code, stdout and stderr come back to the letter', async () => {
    tool('config-get', `printf 'out\\n\\n'; printf 'ERROR why\\n' >&2; exit 2`);
    const output = await run({ tool: 'config-get', args: [] });
    assert.deepEqual(output, { code: 2, stdout: 'out\n\n', stderr: 'ERROR why\n' });
  });

  test('any message reaches the tool whole, and never as an option', async () => {
    const { given } = tool('status-set');
    const text = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string().map((rest) => `--${rest}`),
      fc.constant('$(id) `id` \n;'),
    );
    await fc.assert(
      fc.asyncProperty(text, async (message) => {
        await statusSet(run, { status: 'active', message });
        assert.deepEqual(given().args, ['--', 'active', message]);
      }),
      { numRuns: 25 },
    );
  });

  test('a databag goes in by stdin, and not as an argument', async () => {
    const { given } = tool('relation-set');
    await relationSet(run, relationIdSchema.parse('workers:3'), 'unit', { password: 'hunter2' });
    assert.deepEqual(given(), { args: ['-r', 'workers:3', '--file', '-'], stdin: '"password": "hunter2"\n' });
  });

  test('a tool that does not read a long stdin does no harm', async () => {
    tool('relation-set', 'exit 0');
    writeFileSync(join(directory, 'relation-set'), '#!/bin/sh\nexit 0\n');
    const data = { long: 'x'.repeat(3_000_000) };
    assert.equal(await relationSet(run, relationIdSchema.parse('workers:3'), 'unit', data), 'set');
  });

  test('outside of a hook the reader is told so', async () => {
    await assert.rejects(run({ tool: 'no-such-tool', args: [] }), {
      name: 'HookToolUnavailableError',
      message: 'no-such-tool: no such hook tool; this must run in a hook or an action of Juju',
    });
  });

  test('a tool that is killed is an error with the signal', async () => {
    tool('is-leader', 'kill -9 $$');
    await assert.rejects(run({ tool: 'is-leader', args: [] }), {
      message: 'is-leader: could not be run to its end (SIGKILL)',
    });
  });

  test('a result that is too long for a command line is an error that does not show it', async () => {
    tool('action-set');
    const password = 'hunter2'.repeat(50_000);
    await assert.rejects(actionSet(run, { password }), (error) => {
      assert.ok(error instanceof HookToolUnavailableError);
      assert.equal(error.message, 'action-set: the arguments are longer than the system allows');
      assert.ok(!inspect(error, { depth: 5 }).includes('hunter2'));
      return true;
    });
  });

  test('a refused result is an error that does not show it', async () => {
    tool('action-set', `echo 'ERROR not running an action' >&2; exit 1`);
    await assert.rejects(actionSet(run, { login: { password: 'hunter2' } }), (error) => {
      assert.match(inspect(error), /action-set login\.password=…/);
      assert.ok(!inspect(error, { depth: 5 }).includes('hunter2'));
      return true;
    });
  });

  test('a log message of any length and content goes in, in order', async () => {
    const file = join(directory, 'juju-log');
    rmSync(`${file}.text`, { force: true });
    writeFileSync(file, `#!/bin/sh\nfor last; do :; done\nprintf '%s' "$last" >> '${file}.text'\n`);
    chmodSync(file, 0o755);
    const message = `-x \0 ${'😀'.repeat(40_001)} end`;
    await jujuLog(run, 'ERROR', message);
    assert.equal(readFileSync(`${file}.text`, 'utf8'), message.replace('\0', '\ufffd'));
  });

  test('what cannot be an argument is refused before anything runs', async () => {
    await assert.rejects(actionFail(run, 'a\0b'), {
      name: 'UnsendableError',
      message: 'action-fail: a NUL character cannot be given as an argument',
    });
  });
}

test('by one shell, calls at the same time each get their own answer', async () => {
  const file = join(directory, 'relation-get');
  writeFileSync(
    file,
    `#!/bin/sh\nsleep "0.0$1"; printf 'é%.0s' $(seq "$2"); printf '%s' "$2" >&2; exit $(($2 % 3))\n`,
  );
  chmodSync(file, 0o755);
  const calls = Array.from({ length: 30 }, (_, index) => index + 1);
  const outputs = await Promise.all(
    calls.map((number) =>
      shell.run({ tool: 'relation-get', args: [String((number * 7) % 10), String(number * 400)] }),
    ),
  );
  for (const [index, number] of calls.entries()) {
    const count = number * 400;
    assert.deepEqual(outputs[index], { code: count % 3, stdout: 'é'.repeat(count), stderr: String(count) });
  }
});

test('what a shell that was killed is asked for is an error', async () => {
  const killed = openToolShell();
  tool('is-leader', 'kill -9 $PPID');
  await assert.rejects(killed.run({ tool: 'is-leader', args: [] }), {
    message: 'is-leader: could not be run to its end (SIGKILL)',
  });
  await assert.rejects(killed.run({ tool: 'is-leader', args: [] }), HookToolUnavailableError);
});
