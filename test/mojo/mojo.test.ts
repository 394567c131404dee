/** The small Mojo, on specs of a few lines: what scripts find, in which order, and what ends a run. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { execa } from 'execa';
import { Mojo, type RunOutcome } from './mojo.ts';
import { Spec } from './spec.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'mojo-'));
  await put('spec/scripts/show', '#!/bin/bash\nenv | grep -E "^(MOJO|NAME|HERE)" | sort\npwd\n', 0o755);
  await put('bin/juju', `#!/bin/sh\necho "juju $*" >> ${root}/calls\ncat ${root}/status.json\n`, 0o755);
  await settledModel('active', 'idle');
});
afterEach(async () => {
  await rm(root, { recursive: true });
});

async function put(path: string, text: string, mode = 0o644): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text, { mode });
}

async function settledModel(workload: string, agent: string): Promise<void> {
  const unit = {
    'workload-status': { current: workload, message: 'hook failed' },
    'juju-status': { current: agent },
  };
  await put('status.json', JSON.stringify({ applications: { a: { units: { 'a/0': unit } } } }));
}

async function run(manifest: string, variables: Record<string, string> = {}): Promise<RunOutcome> {
  await put('spec/manifest', manifest);
  const mojo = new Mojo({
    spec: new Spec(join(root, 'spec')),
    stage: 'devel',
    project: 'p',
    series: 'noble',
    root: join(root, 'root'),
    environment: { PATH: `${join(root, 'bin')}:${process.env.PATH}` },
    tell: () => {},
  });
  return await mojo.run('manifest', variables);
}

function reasonOf(outcome: RunOutcome): string {
  return outcome.kind === 'failed' ? outcome.reason : 'it went through';
}

test("a script finds Mojo's variables and its own, and starts in an empty directory", async () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is Mojo's syntax
  const { output } = await run('script config=scripts/show NAME="a ${HERE} ${X:-c}"', { HERE: 'b' });
  const workspace = join(root, 'root/p/noble/workspace');
  assert.deepEqual(output.trim().split('\n').slice(0, -1), [
    'HERE=b',
    `MOJO_BUILD_DIR=${workspace}/build`,
    `MOJO_LOCAL_DIR=${workspace}/local`,
    'MOJO_PROJECT=p',
    `MOJO_REPO_DIR=${workspace}/charms`,
    `MOJO_ROOT=${root}/root`,
    'MOJO_SERIES=noble',
    `MOJO_SPEC=${root}/spec`,
    `MOJO_SPEC_DIR=${root}/spec`,
    'MOJO_STAGE=devel',
    'MOJO_WORKSPACE=workspace',
    'NAME=a b c',
  ]);
});

test('phases run in order, secrets and what is collected are where they belong, and the bundle is rendered', async () => {
  await execa('git', ['init', '-q', '-b', 'main', join(root, 'repo')]);
  const commit = ['-c', 'user.name=A', '-c', 'user.email=a@b', 'commit', '-q', '--allow-empty', '-m', 'x'];
  await execa('git', ['-C', join(root, 'repo'), ...commit]);
  await put('root/LOCAL/p/devel/key', 'secret');
  await put('spec/collect', `one @\none/two git+https://git.invalid/repo;revno=main\n`);
  Object.assign(process.env, {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: `url.${root}/repo.insteadOf`,
    GIT_CONFIG_VALUE_0: 'https://git.invalid/repo',
  });
  await put('spec/list', '#!/bin/bash\ncat "$MOJO_LOCAL_DIR/key"; ls -A "$MOJO_BUILD_DIR/one/two"\n', 0o755);
  await put('spec/bundle.yaml', 'a: {{ series }} {{ stage_name }}\nb: {{ local_dir }}\n');
  const manifest =
    'secrets\ncollect config=collect\nbuild config=list\nbundle config=bundle.yaml max-wait=9\njuju-check-wait\n';
  const outcome = await run(manifest);
  assert.equal(reasonOf(outcome), 'it went through');
  assert.match(outcome.output, /secret\.git/);
  const rendered = await readFile(join(root, 'root/p/noble/workspace/charms/bundle.yaml'), 'utf8');
  assert.equal(rendered, `a: noble devel\nb: ${root}/root/p/noble/workspace/local`);
  const calls = (await readFile(join(root, 'calls'), 'utf8')).trim().split('\n');
  assert.deepEqual(calls, [
    'juju deploy ./bundle.yaml',
    'juju status --format json',
    'juju status --format json',
  ]);
});

test("a stage's own file comes before the shared one", async () => {
  await put('spec/hello', '#!/bin/bash\necho shared\n', 0o755);
  await put('spec/devel/hello', '#!/bin/bash\necho own\n', 0o755);
  assert.equal((await run('verify config=hello')).output, 'own\n');
});

const ends: readonly (readonly [string, string, RegExp])[] = [
  ['a script that fails', 'script config=no\nscript config=scripts/show', /^no ended with 3\nnot today$/],
  ['a file that is not there', 'script config=nowhere', /^there is no nowhere for devel$/],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is Mojo's syntax
  ['a variable that is not set', 'script config=scripts/show NAME=${NOBODY}', /^NOBODY is not set$/],
  ['a mistake in the manifest', 'scripts config=no', /^manifest:1: found the phase scripts; write script$/],
  ['a template with a mistake', 'bundle config=bad.yaml max-wait=9', /^bad\.yaml:2: the variable stage$/],
  ['a phase that only a real Mojo has', 'nagios-check', /^the phase nagios-check is not run here$/],
];
for (const [name, manifest, reason] of ends) {
  test(`${name} ends the run`, async () => {
    await put('spec/no', '#!/bin/bash\necho not today >&2; exit 3\n', 0o755);
    await put('spec/bad.yaml', 'a: 1\nb: {{ stage }}\n');
    const outcome = await run(manifest);
    assert.match(reasonOf(outcome), reason);
    assert.doesNotMatch(outcome.output, /MOJO_STAGE/);
  });
}

test('a unit in error ends the wait for the model', async () => {
  await settledModel('error', 'idle');
  assert.equal(reasonOf(await run('juju-check-wait')), 'a/0: hook failed');
});
