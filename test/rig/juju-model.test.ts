/**
 * The driver for a real controller: which commands it gives to the `juju` client, and what it makes of the answers. The client here is
 * a stand-in that answers what a real Juju 4.0.14 answered.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { JujuModel } from '../deploy/juju-model.ts';
import { settled } from '../deploy/model.ts';

interface Answer {
  readonly file?: string;
  readonly text?: string;
  readonly code?: number;
}

const fixtures = join(import.meta.dirname, 'fixtures/juju');

/** Writes down its arguments, and the text of files that they name; answers by its first argument. */
const client = `#!/bin/sh
set -eu
here=$(dirname "$0")
{
  for word in "$@"; do printf '%s\\0' "$word"; done
  printf '\\n'
} >>"$here/calls"
for word in "$@"; do case $word in */content.yaml) cat "$word" >"$here/content" ;; esac; done
[ ! -e "$here/$1.out" ] || cat "$here/$1.out"
[ ! -e "$here/$1.code" ] || exit "$(cat "$here/$1.code")"
`;

class Stand {
  readonly directory: string;
  readonly model: JujuModel;

  constructor(directory: string, model: JujuModel) {
    this.directory = directory;
    this.model = model;
  }

  async answers(command: string, { file, text = '', code = 0 }: Answer): Promise<void> {
    const output = file === undefined ? text : await readFile(join(fixtures, file), 'utf8');
    await writeFile(join(this.directory, `${command}.out`), output);
    await writeFile(join(this.directory, `${command}.code`), String(code));
  }

  /** The commands since this was asked last; files by the name of what stood in them. */
  async calls(): Promise<string[][]> {
    const text = await readFile(join(this.directory, 'calls'), 'utf8');
    await writeFile(join(this.directory, 'calls'), '');
    return text
      .split('\0\n')
      .filter((line) => line !== '')
      .map((line) => line.split('\0').map((word) => (word.endsWith('/content.yaml') ? 'FILE' : word)));
  }

  async content(): Promise<unknown> {
    return JSON.parse(await readFile(join(this.directory, 'content'), 'utf8'));
  }
}

async function stand(t: TestContext): Promise<Stand> {
  const directory = await mkdtemp(join(tmpdir(), 'juju-client-'));
  t.after(() => rm(directory, { recursive: true }));
  const program = join(directory, 'juju');
  await writeFile(program, client, { mode: 0o755 });
  const model = await JujuModel.open('m', () => {}, program);
  const result = new Stand(directory, model);
  assert.deepEqual(await result.calls(), [
    ['add-model', 'm', '--no-switch'],
    ['model-config', '--model', 'm', 'update-status-hook-interval=1m'],
  ]);
  return result;
}

test('every command is given in its documented form', async (t) => {
  const it = await stand(t);
  const { model } = it;
  await model.deploy('/c/a.charm', 'app', {
    units: 2,
    to: '0',
    config: { number: 7, text: 'two words' },
    resources: { blob: '/c/blob' },
    storage: { disk: '64M' },
  });
  await model.deployBundle('/b/bundle.yaml', ['/b/one.yaml', '/b/two.yaml']);
  await model.config('app', { flag: true, text: 'two\nlines' });
  await model.resetConfig('app', ['flag', 'text']);
  await model.integrate('app:data', 'other:upstream');
  await model.removeRelation('app:data', 'other:upstream');
  await model.addUnit('app');
  await model.addUnit('app', '3');
  await model.refresh('app', '/c/b.charm');
  await model.attachResource('app', 'blob', '/c/other');
  await model.grantSecret('name', 'app');
  await model.resolve('app/0');
  await model.removeUnit('app/0');
  await model.removeApplication('app');
  await model.removeMachine('3');
  await model.destroy();
  const given = await it.calls();
  const [deploy = [], ...others] = given;
  assert.deepEqual(deploy, [
    ...['deploy', '--model', 'm', '/c/a.charm', 'app', '--num-units', '2', '--to', '0'],
    ...[
      '--config',
      'number=7',
      '--config',
      'text=two words',
      '--resource',
      'blob=/c/blob',
      '--storage',
      'disk=64M',
    ],
  ]);
  assert.deepEqual(others, [
    ['deploy', '--model', 'm', '/b/bundle.yaml', '--overlay', '/b/one.yaml', '--overlay', '/b/two.yaml'],
    ['config', '--model', 'm', 'app', 'flag=true', 'text=two\nlines'],
    ['config', '--model', 'm', 'app', '--reset', 'flag,text'],
    ['integrate', '--model', 'm', 'app:data', 'other:upstream'],
    ['remove-relation', '--model', 'm', 'app:data', 'other:upstream'],
    ['add-unit', '--model', 'm', 'app'],
    ['add-unit', '--model', 'm', 'app', '--to', '3'],
    ['refresh', '--model', 'm', 'app', '--path', '/c/b.charm'],
    ['attach-resource', '--model', 'm', 'app', 'blob=/c/other'],
    ['grant-secret', '--model', 'm', 'name', 'app'],
    ['resolve', '--model', 'm', 'app/0'],
    ['remove-unit', '--model', 'm', 'app/0', '--no-prompt', '--destroy-storage'],
    ['remove-application', '--model', 'm', 'app', '--no-prompt', '--destroy-storage'],
    ['remove-machine', '--model', 'm', '3', '--force', '--no-prompt'],
    ['destroy-model', 'm', '--no-prompt', '--destroy-storage', '--force'],
  ]);
});

test('secrets go by a file, never by an argument', async (t) => {
  const it = await stand(t);
  await it.answers('add-secret', { text: 'secret:er7599kn5e8mqvi2u1ag\n' });
  assert.equal(await it.model.addSecret('name', { password: 'hunter2' }), 'secret:er7599kn5e8mqvi2u1ag');
  assert.deepEqual(await it.content(), { password: 'hunter2' });
  await it.model.updateSecret('name', { password: 'another' });
  assert.deepEqual(await it.content(), { password: 'another' });
  assert.deepEqual(await it.calls(), [
    ['add-secret', '--model', 'm', 'name', '--file', 'FILE'],
    ['update-secret', '--model', 'm', 'name', '--file', 'FILE'],
  ]);
});

test('an action answers, also when juju itself ends with 1 because of its exit code', async (t) => {
  const it = await stand(t);
  await it.answers('run', { file: 'run.json' });
  assert.equal((await it.model.run('probe/0', 'plain', { word: '007', count: 3 })).status, 'completed');
  assert.deepEqual(await it.content(), { word: '007', count: 3 });
  assert.deepEqual(await it.calls(), [
    ['run', '--model', 'm', 'probe/0', 'plain', '--format', 'json', '--wait', '10m', '--params', 'FILE'],
  ]);
  await it.answers('run', { file: 'run-exit-1.json', code: 1 });
  const failed = await it.model.run('probe/0', 'plain');
  assert.deepEqual(
    [failed.status, failed.message, failed.results['return-code']],
    ['failed', 'exit status 1', 1],
  );
  await it.answers('run', { file: 'run-action-fail.json' });
  assert.equal((await it.model.run('probe/0', 'plain')).message, 'another reason');
  await it.answers('run', { file: 'run-refused.json' });
  assert.equal((await it.model.run('probe/0', 'params')).status, 'error');
  await it.answers('run', { text: '', code: 1 });
  await assert.rejects(it.model.run('probe/0', 'nope'), /no answer for probe\/0/);
});

test('commands on machines: exec in the unit, ssh beside it', async (t) => {
  const it = await stand(t);
  await it.answers('exec', { file: 'exec.json' });
  const { code, output } = await it.model.exec('probe/0', 'is-leader; tty');
  assert.equal(code, 0);
  assert.match(output, /^True\n/);
  await it.answers('ssh', { text: 'hello\n', code: 3 });
  assert.deepEqual(await it.model.ssh('probe/0', "echo 'hello'"), { code: 3, output: 'hello' });
  assert.deepEqual(await it.calls(), [
    [
      ...['exec', '--model', 'm', '--unit', 'probe/0', '--parallel=false', '--format', 'json'],
      ...['--wait', '10m', '--', 'is-leader; tty'],
    ],
    [
      ...['ssh', '--model', 'm', '--no-host-key-checks', '--pty=false', 'probe/0'],
      "sudo sh -c 'echo '\\''hello'\\'''",
    ],
  ]);
});

test('the status of a real controller is read, from the first moment on', async (t) => {
  const it = await stand(t);
  await it.answers('status', { file: 'status-deploying.json' });
  assert.ok(!settled(await it.model.status(), 'probe', 1));
  await it.answers('status', { file: 'status.json' });
  const status = await it.model.waitFor('both probes', (now) => settled(now, 'probe', 2), 5);
  assert.equal(status.applications.probe?.units['probe/0']?.leader, true);
  assert.equal(status.applications.probe?.units['probe/0']?.['public-address'], '192.0.2.172');
  await it.answers('status', { file: 'status-error.json' });
  await assert.rejects(
    it.model.waitFor('both probes', (now) => settled(now, 'probe', 2), 0),
    /not within 0 s: both probes[\s\S]*probe\/0\* {2}error {2}idle {3}hook failed: "config-changed"/,
  );
});

test('what juju refuses is an error with its own words', async (t) => {
  const it = await stand(t);
  await it.answers('config', { code: 1 });
  await assert.rejects(it.model.config('app', { nope: 1 }), /juju config ended with 1/);
});
