/** The rig's `juju` command on machines: scripts as a site has them, which know nothing but `juju`. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { execa } from 'execa';
import { packTestCharm } from '../rig/probe-charm.ts';
import { waitUntil } from '../support/wait.ts';
import { openModel } from './cases.ts';
import type { Client, Model } from './model.ts';

let model: Model;
let client: Client;
let directory: string;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rig-juju-'));
  model = await openModel('juju', { updateStatus: 3_600_000 });
  client = await model.client();
  await packTestCharm('probe', directory);
});

after(async () => {
  await client?.close();
  await model?.destroy();
  await rm(directory, { recursive: true, force: true });
});

interface Shell {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function shell(script: string, input?: string): Promise<Shell> {
  const { exitCode, stdout, stderr } = await execa('bash', ['-euo', 'pipefail', '-c', script], {
    cwd: directory,
    env: client.environment,
    reject: false,
    ...(input === undefined ? { stdin: 'ignore' } : { input }),
  });
  return { code: exitCode ?? 255, stdout, stderr };
}

test('a script deploys a charm and waits for it', async () => {
  const { code, stderr } = await shell('juju deploy ./probe-1.charm probe --config number=7');
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^Deploying "probe" from local charm "probe", revision 0/m);
  await waitUntil(
    'the unit to be idle',
    async () => /^probe\/0\* +active +idle +0 +\d/m.test((await shell('juju status')).stdout),
    { timeout: 120_000, every: 500 },
  );
});

test('ssh runs a command as a user who may become root, and ends as the command does', async () => {
  assert.equal((await shell('juju ssh probe/0 whoami')).stdout, 'ubuntu');
  assert.equal((await shell('juju ssh probe/leader sudo whoami')).stdout, 'root');
  assert.equal((await shell('juju ssh 0 "echo here; echo there >&2; exit 3"')).code, 3);
  assert.equal((await shell('juju ssh probe/0 "echo there >&2"')).stderr, 'there');
  assert.match((await shell('juju ssh probe/0 cat /etc/shadow')).stderr, /Permission denied/);
});

test('ssh passes its input on, also when that is empty or never ends', async () => {
  assert.equal((await shell('juju ssh probe/0 "tr a-z A-Z"', 'loud\n')).stdout, 'LOUD');
  assert.equal((await shell('printf "" | juju ssh probe/0 "cat; echo done"')).stdout, 'done');
  // The shell has both ends of it open: nothing comes, and it does not end.
  const never = await shell('mkfifo never; exec 3<>never; timeout 120 juju ssh probe/0 "echo soon" <&3');
  assert.deepEqual([never.code, never.stdout], [0, 'soon'], 'it did not wait for the end of its input');
});

test('scp copies to and from a machine, with the rights of that user', async () => {
  await writeFile(join(directory, 'sent'), 'one\ntwo\n');
  const script = 'juju scp sent probe/0:; juju scp probe/0:/home/ubuntu/sent came';
  const { code, stderr } = await shell(script);
  assert.equal(code, 0, stderr);
  assert.equal(await readFile(join(directory, 'came'), 'utf8'), 'one\ntwo\n');
  const forbidden = await shell('juju scp probe/0:/etc/shadow came');
  assert.deepEqual([forbidden.code, /Permission denied/.test(forbidden.stderr)], [1, true]);
});

test('actions and commands take their turn on the machine', async () => {
  const { stdout } = await shell('juju run probe/leader tell word=polo --format json');
  assert.match(stdout, /"answer":"polo"/);
  const exec = await shell('juju exec --unit probe/0 -- config-get number');
  assert.equal(exec.stdout, '7');
  assert.equal((await shell('juju exec --unit probe/0 -- exit 4')).code, 1);
});

test('a script takes it down again', async () => {
  const { code, stderr } = await shell('juju remove-application probe --no-prompt --destroy-storage');
  assert.equal(code, 0, stderr);
  await model.waitFor('it is gone', (status) => status.applications.probe === undefined);
  assert.match((await shell('juju status')).stderr, /is empty/);
});
