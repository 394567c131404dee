/** Secrets on their way to Juju: in files of one's own, for the time of the call. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { secretAdd, secretGet, secretSet, secretUriSchema } from '../src/index.ts';
import type { Runner, ToolCall } from '../src/runner.ts';

const uri = secretUriSchema.parse('secret://00000000-0000-4000-8000-000000000001/s0000000000000000010');

/** Looks at the files while the tool would. */
function watching(answer: { code: number; stderr?: string }): {
  run: Runner;
  seen: { call: ToolCall; files: Record<string, string>; paths: string[] }[];
} {
  const seen: { call: ToolCall; files: Record<string, string>; paths: string[] }[] = [];
  const run: Runner = async (call) => {
    const given = call.args.flatMap((arg) => {
      const [, key = '', path = ''] = /^([^#]+)#file=(.*)$/.exec(arg) ?? [];
      return path === '' ? [] : [{ key, path }];
    });
    for (const { path } of given) {
      assert.equal(statSync(path).mode & 0o777, 0o600);
      assert.equal(statSync(dirname(path)).mode & 0o777, 0o700);
    }
    seen.push({
      call,
      files: Object.fromEntries(given.map(({ key, path }) => [key, readFileSync(path, 'utf8')])),
      paths: given.map(({ path }) => path),
    });
    return { stdout: `${uri}\n`, stderr: '', ...answer };
  };
  return { run, seen };
}

test('the content is in files that nobody else reads and that are gone afterwards', async () => {
  const { run, seen } = watching({ code: 0 });
  const content = { name: 'worker-1', password: 'hunter2' };
  const added = await secretAdd(run, 'application', content, { label: 'worker-1', rotate: 'monthly' });
  assert.deepEqual(added, { kind: 'added', uri });
  const [one] = seen;
  assert.deepEqual(one?.files, content);
  assert.deepEqual(one?.call.args.slice(0, 6), [
    '--label',
    'worker-1',
    '--rotate',
    'monthly',
    '--owner',
    'application',
  ]);
  assert.ok(!one?.call.args.join(' ').includes('hunter2'));
  assert.deepEqual(
    one?.paths.map((path) => existsSync(dirname(path))),
    [false, false],
  );
});

test('they are gone too when the tool fails, and the error does not know the content', async () => {
  const { run, seen } = watching({ code: 1, stderr: 'ERROR something else\n' });
  await assert.rejects(secretSet(run, uri, { password: 'hunter2' }), (error) => {
    assert.match(inspect(error), /secret-set .*ERROR something else/);
    assert.ok(!inspect(error, { depth: 5 }).includes('hunter2'));
    return true;
  });
  assert.deepEqual(
    seen[0]?.paths.map((path) => existsSync(dirname(path))),
    [false],
  );
});

test('any text is handed over to the byte', async () => {
  const key = fc.stringMatching(/^[a-z](?:-?[a-z0-9]){2,6}$/);
  const value = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => text.isWellFormed());
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(key, value, { minKeys: 1, maxKeys: 3, noNullPrototype: true }),
      async (content) => {
        const { run, seen } = watching({ code: 0 });
        await secretSet(run, uri, content);
        assert.deepEqual(seen[0]?.files, content);
      },
    ),
    { numRuns: 30 },
  );
});

test('keys that Juju does not take never become file names', async () => {
  const { run, seen } = watching({ code: 0 });
  for (const key of [
    'ab',
    'Upper',
    'under_score',
    'dot.key',
    '1num',
    '-hy',
    'abc-',
    '../../etc/passwd',
    'a--bc',
    '',
  ]) {
    await assert.rejects(secretAdd(run, 'unit', { [key]: 'x' }), { name: 'UnsendableError' }, key);
  }
  await assert.rejects(secretAdd(run, 'unit', {}), {
    message: 'secret-add: a secret must have at least one key',
  });
  assert.deepEqual(seen, []);
});

test('output that is not what Juju prints is an error without the output', async () => {
  const run: Runner = async () => ({ code: 0, stdout: '{"password": ["hunter2"]}\n', stderr: '' });
  await assert.rejects(secretGet(run, { uri }), (error) => {
    assert.match(inspect(error), /secret-get .* unexpected output: password: invalid_type/);
    assert.ok(!inspect(error, { depth: 5 }).includes('hunter2'));
    return true;
  });
});
