/** scripts/secrets, on a model without machines: what comes of the files of MOJO_LOCAL_DIR, and where their values are never seen. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { execa } from 'execa';
import { charmYaml } from '../../scripts/lib/pack-charm-yaml.ts';
import { thisArchitecture } from '../../scripts/lib/pack-node.ts';
import { packedCharm } from '../rig/core/charm-file.ts';
import { deploy } from '../rig/core/commands.ts';
import { statusOf } from '../rig/core/status.ts';
import { newWorld, type World } from '../rig/core/world.ts';
import { type JujuCommand, startJujuCommand } from '../rig/juju-command/start.ts';

const root = join(import.meta.dirname, '../..');
const now = new Date(0);

let world: World;
let juju: JujuCommand;
let local: string;
beforeEach(async () => {
  world = newWorld('m');
  const file = join(root, 'charms/master/charmcraft.yaml');
  const yaml = charmYaml(file, await readFile(file, 'utf8'), thisArchitecture);
  assert.equal(yaml.kind, 'files');
  deploy(
    world,
    packedCharm('m.charm', (name) => yaml.files.get(name)),
    'buildbot-master',
    {},
    0,
  );
  juju = await startJujuCommand({
    world,
    now: () => 0,
    check: () => {},
    status: () => statusOf(world, new Map(), () => '', now),
    addMachine: () => '0',
    removeMachine: async () => {},
    placed: () => {},
    instance: (machine) => machine,
  });
  local = await mkdtemp(join(tmpdir(), 'secrets-'));
});
afterEach(async () => {
  await juju.close();
  await rm(local, { recursive: true });
});

async function run(script: string): Promise<{ readonly code: number; readonly output: string }> {
  const { exitCode, all } = await execa(join(root, 'mojo-spec', script), [], {
    env: { PATH: `${juju.directory}:${process.env.PATH}`, MOJO_LOCAL_DIR: local },
    all: true,
    reject: false,
  });
  return { code: exitCode ?? 255, output: all };
}

async function put(name: string, text: string, mode = 0o600): Promise<void> {
  await writeFile(join(local, name), text, { mode });
}

function secret() {
  const [first, ...others] = world.secrets.values();
  assert.deepEqual(others, []);
  return first;
}

test('the files become the secret, which the master may read and is told of', async () => {
  await put('ssh-key', 'a private key\n');
  await put('known-hosts', 'host key\n');
  await put('worker-old1', 'swordfish images=focal\n');
  await put('git-password', '');
  await put('notes', 'not a secret\n');
  const { code, output } = await run('scripts/secrets');
  assert.equal(code, 0, output);
  assert.deepEqual(secret()?.revisions.at(-1)?.content, {
    'ssh-key': 'a private key\n',
    'known-hosts': 'host key\n',
    'worker-old1': 'swordfish images=focal\n',
  });
  assert.deepEqual(
    secret()?.grants.map(({ target }) => target),
    ['application-buildbot-master'],
  );
  assert.equal(world.applications.get('buildbot-master')?.config.get('secrets'), `secret:${secret()?.id}`);
  assert.match(output, /^secrets: ssh-key known-hosts worker-old1 for buildbot-master$/m);
});

test('every key that the charm knows is taken', async () => {
  const page = await readFile(join(root, 'docs/reference/charm-master.md'), 'utf8');
  const [, table = ''] = /## The secret\n([\s\S]*?)\n## /.exec(page) ?? [];
  const rows = [...table.matchAll(/^\| (`[^|]*`) \|/gm)].map(([, cell = '']) => cell);
  const keys = rows.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, key = '']) => key));
  assert.ok(keys.includes('ssh-key') && keys.includes('worker-NAME'), keys.join());
  for (const key of keys) await put(key.replace('NAME', 'old1'), 'x');
  assert.equal((await run('scripts/secrets')).code, 0);
  const content = secret()?.revisions.at(-1)?.content ?? {};
  assert.deepEqual(
    Object.keys(content).toSorted(),
    keys.map((key) => key.replace('NAME', 'old1')).toSorted(),
  );
});

test('run again, it is the same secret with what the files have now', async () => {
  await put('ssh-key', 'old');
  await run('scripts/secrets');
  const id = secret()?.id;
  await put('ssh-key', 'new');
  assert.equal((await run('scripts/secrets')).code, 0);
  assert.equal(secret()?.id, id);
  assert.deepEqual(secret()?.revisions.at(-1)?.content, { 'ssh-key': 'new' });
  const told = juju.calls.filter(([command, , ...more]) => command === 'config' && more[0]?.includes('='));
  assert.equal(told.length, 1, 'the option was set once');
});

test('values are in no argument and in no output', async () => {
  await put('ssh-key', 'swordfish');
  const { output } = await run('scripts/secrets');
  assert.doesNotMatch(`${output} ${JSON.stringify(juju.calls)}`, /swordfish/);
});

test('without any file there is no secret, and that is fine', async () => {
  assert.deepEqual(await run('scripts/secrets'), { code: 0, output: `secrets: there are none in ${local}` });
  assert.equal(secret(), undefined);
});

const refused: readonly (readonly [string, () => Promise<void>, RegExp])[] = [
  ['nothing to push with', async () => {}, /nothing in \S+ lets branches be pushed/],
  [
    'a key without known hosts',
    async () => await put('ssh-key', 'x'),
    /ssh-key needs known-hosts beside it: see ssh-keyscan/,
  ],
  [
    'a key that others can read',
    async () => {
      await put('ssh-key', 'x', 0o640);
      await put('known-hosts', 'x', 0o644);
    },
    /others can read \S+\/ssh-key : chmod 600/,
  ],
];
for (const [name, arrange, told] of refused) {
  test(`preflight says so of ${name}`, async () => {
    await arrange();
    const { code, output } = await run('scripts/preflight');
    assert.deepEqual([code, told.test(output)], [1, true], output);
  });
}

test('preflight is content with what it needs, and devel makes it by itself, once', async () => {
  await put('git-password', 'x');
  assert.deepEqual(await run('scripts/preflight'), { code: 0, output: '' });
  await rm(local, { recursive: true });
  await mkdir(local);
  assert.equal((await run('devel/scripts/preflight')).code, 0);
  const key = await readFile(join(local, 'ssh-key'), 'utf8');
  assert.match(key, /OPENSSH PRIVATE KEY/);
  assert.equal((await run('devel/scripts/preflight')).code, 0);
  assert.equal(await readFile(join(local, 'ssh-key'), 'utf8'), key);
});
