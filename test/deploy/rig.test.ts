/** The rig on machines: what a charm's process finds there, and what becomes of it when something is killed, rebooted or replaced. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { lxc } from '../deb/lxc.ts';
import { packTestCharm } from '../rig/probe-charm.ts';
import { recorded } from '../rig/recorded-order.ts';
import { waitUntil } from '../support/wait.ts';
import { machinePrefix, openModel } from './cases.ts';
import { type ModelStatus, settled, unitsIn } from './model.ts';
import { RigModel } from './rig-model.ts';

let model: RigModel;
let directory: string;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rig-'));
  const opened = await openModel('rig', { updateStatus: 3_600_000 });
  assert.ok(opened instanceof RigModel, 'these are about the rig');
  model = opened;
  await writeFile(join(directory, 'first.txt'), 'first\n');
  await writeFile(join(directory, 'second.txt'), 'second\n');
  await model.deploy(await packTestCharm('probe', directory), 'probe', {
    config: { number: 7 },
    resources: { blob: join(directory, 'first.txt') },
    storage: { disk: '32M' },
  });
  await model.deploy(await packTestCharm('taker', directory), 'taker');
  await model.waitFor(
    'both are installed',
    (status) => settled(status, 'probe', 1) && settled(status, 'taker', 1),
  );
});

after(async () => {
  await model.destroy();
  await rm(directory, { recursive: true });
  const left = await lxc(['list', '--format=csv', '--columns=n', `${machinePrefix}rig-${process.pid}`]);
  assert.equal(left, '', 'no machine is left');
});

/** The hooks that the unit has run since this was asked last, once the last of these has run and nothing else does. */
async function ran(unit: string, ...expected: readonly string[]): Promise<void> {
  const last = expected.at(-1) ?? '';
  const file = `/var/tmp/${unit.replace('/', '-')}/hooks`;
  let lines: string[] = [];
  await waitUntil(
    `${last} on ${unit}`,
    async () => {
      const { output } = await model.ssh(unit, `cat ${file}`);
      lines = once(output.split('\n').filter(Boolean));
      return lines.length >= expected.length && lines.includes(last);
    },
    { every: 200, timeout: 120_000, seen: () => lines.join('\n') },
  );
  await model.waitFor('at rest', idle(unit));
  const { output } = await model.ssh(unit, `cat ${file}; : > ${file}`);
  assert.deepEqual(once(output.split('\n').filter(Boolean)), once(expected));
}

/** One change of settings may come as one config-changed or as two. */
function once(lines: readonly string[]): string[] {
  return lines.filter((line, index) => line !== 'config-changed' || lines[index - 1] !== line);
}

function agent(status: ModelStatus, unit: string): string {
  const [application = ''] = unit.split('/');
  return unitsIn(status, application).find(([name]) => name === unit)?.[1]['juju-status'].current ?? '';
}

function workload(status: ModelStatus, unit: string): string {
  const [application = ''] = unit.split('/');
  return unitsIn(status, application).find(([name]) => name === unit)?.[1]['workload-status'].message ?? '';
}

const idle = (unit: string) => (status: ModelStatus) => agent(status, unit) === 'idle';

/** What the next hook of that name does; config-changed then runs. */
async function nextHook(unit: string, hook: string, script: string): Promise<void> {
  await model.ssh(unit, `cat > /var/tmp/${unit.replace('/', '-')}/${hook} <<'END'\n${script}\nEND`);
}

async function forgetHooks(unit: string): Promise<void> {
  await model.ssh(unit, `cd /var/tmp/${unit.replace('/', '-')}; rm -f config-changed`);
}

let number = 100;

/** Runs config-changed with that script. */
async function change(script: string): Promise<void> {
  number += 1;
  await model.config('probe', { text: `${script}\n# ${number}` });
}

test('the hooks of an installation run in the recorded order', async () => {
  const withoutSubjects = (lines: readonly string[]) => lines.map((line) => line.split(' ')[0] ?? '');
  await ran('probe/0', ...withoutSubjects(recorded(0).ran['probe/0'] ?? []));
  await ran('taker/0', ...(recorded(3).ran['taker/0'] ?? []));
});

test('so do those of a new relation', async () => {
  await model.integrate('probe:data', 'taker:upstream');
  await ran('probe/0', ...(recorded(4).ran['probe/0'] ?? []));
});

test("a charm's process has what Juju gives it, and no HOME (fact 2)", async () => {
  const { results } = await model.run('probe/0', 'surroundings');
  const lines = String(results.stdout).split('\n');
  const names = lines.filter((line) => line.includes('=')).map((line) => line.split('=')[0]);
  for (const absent of ['HOME', 'USER', 'LOGNAME', 'SHELL']) assert.ok(!names.includes(absent), absent);
  assert.ok(lines.includes('JUJU_DISPATCH_PATH=actions/surroundings'));
  assert.ok(lines.includes('JUJU_HOOK_NAME='));
  assert.ok(lines.includes('cwd /var/lib/juju/agents/unit-probe-0/charm'));
  assert.ok(lines.includes('stdin /dev/null'));
  assert.ok(lines.includes('umask 0022'));
  assert.ok(lines.includes('groups 1'), "it is in the agent's process group");
});

test('an action answers, and one with a missing parameter never reaches the unit', async () => {
  assert.deepEqual(await model.run('probe/0', 'tell', { word: 'polo' }), {
    status: 'completed',
    message: '',
    results: { answer: 'polo', nested: { key: 'value' }, 'return-code': 0 },
  });
  const refused = await model.run('probe/0', 'tell');
  assert.equal(refused.status, 'error');
  assert.match(refused.message, /"word" property is missing and required/);
});

test('juju-exec on a machine runs in the context of a unit there, and of no other', async () => {
  const own = await model.ssh('probe/0', 'juju-exec probe/0 "is-leader; echo there >&2; exit 5"');
  // Two streams of the machine, in either order.
  assert.deepEqual([own.code, own.output.trim().split('\n').toSorted()], [5, ['True', 'there']]);
  const other = await model.ssh('probe/0', 'juju-exec taker/0 is-leader');
  assert.equal(other.code, 1);
  assert.match(other.output, /unit "taker\/0" not found on this machine/);
});

test('tools read files and standard input of the machine, and end with their own exit codes', async () => {
  const { output } = await model.exec(
    'probe/0',
    [
      'printf \'one\\ntwo\\n\' > /tmp/key; secret-add key#file=/tmp/key > /tmp/uri; secret-get --format json "$(cat /tmp/uri)" key',
      "echo '{note: from stdin}' | relation-set -r data:1 --file -; relation-get -r data:1 note probe/0",
      'relation-get -r data:99 note probe/0; echo "code $?"',
      'state-get --strict nothing; echo "code $?"',
    ].join('\n'),
  );
  assert.match(output, /^"one\\ntwo\\n"\n/);
  assert.match(output, /from stdin\n/);
  assert.match(output, /code 2\ncode 1\n/);
  assert.match(
    output,
    /ERROR invalid value "data:99" for option -r: relation not found\nERROR "nothing" not found\n/,
  );
});

test('an attached resource is a file of the machine, and another one comes with upgrade-charm', async () => {
  const read = 'cat "$(resource-get blob)"';
  assert.equal((await model.exec('probe/0', read)).output, 'first\n');
  await ran('probe/0', 'surroundings', 'tell');
  await model.attachResource('probe', 'blob', join(directory, 'second.txt'));
  await ran('probe/0', ...(recorded(71).ran['probe/0'] ?? []));
  assert.equal((await model.exec('probe/0', read)).output, 'second\n');
});

test('a storage of a given size is full at that size', async () => {
  const { output } = await model.exec(
    'probe/0',
    'cd "$(storage-get -s disk/0 location)"; head -c 100M /dev/zero > fill; stat -c %s fill; rm fill; touch again && echo fine',
  );
  assert.match(output, /No space left on device/);
  const [, size] = /^(\d+)$/m.exec(output) ?? [];
  assert.ok(Number(size) < 33 * 1024 * 1024, output);
  assert.match(output, /fine/);
});

test('a refreshed charm has its own files and none of the old ones', async () => {
  await model.ssh('probe/0', 'touch /var/lib/juju/agents/unit-probe-0/charm/made-by-the-charm');
  await model.refresh('probe', await packTestCharm('probe', directory, '2'));
  await ran('probe/0', ...(recorded(73).ran['probe/0'] ?? []));
  const { output } = await model.ssh(
    'probe/0',
    'cd /var/lib/juju/agents/unit-probe-0/charm; cat version; ls',
  );
  assert.match(output, /^2\n/);
  assert.match(output, /made-by-the-charm/);
  assert.match(output, /only-in-2/);
  assert.doesNotMatch(output, /only-in-1/);
});

test('a hook whose process is killed is no failure, and runs again (fact 7)', async () => {
  await nextHook(
    'probe/0',
    'config-changed',
    'rm "$0.again" 2>/dev/null || { touch "$0.again"; sleep 600; }',
  );
  await change(':');
  await model.waitFor('the hook runs', (status) => agent(status, 'probe/0') === 'executing');
  await model.ssh(
    'probe/0',
    'until pgrep -f "sleep [6]00"; do sleep 0.1; done; pkill -9 -f "[c]harm/dispatch"; pkill -f "sleep [6]00"',
  );
  const seen = new Set<string>();
  await model.waitFor(
    'it ran again',
    (status) => {
      seen.add(unitsIn(status, 'probe')[0]?.[1]['workload-status'].current ?? '');
      return agent(status, 'probe/0') === 'idle';
    },
    60,
  );
  assert.ok(!seen.has('error'));
  await ran('probe/0', 'config-changed');
  await forgetHooks('probe/0');
});

test('a hook that runs when the agent dies has failed, and is retried (fact 7)', async () => {
  await nextHook(
    'probe/0',
    'config-changed',
    'rm "$0.again" 2>/dev/null || { touch "$0.again"; sleep 600; }',
  );
  await change(':');
  await model.waitFor('the hook runs', (status) => agent(status, 'probe/0') === 'executing');
  await model.ssh('probe/0', 'until pgrep -f "sleep [6]00"; do sleep 0.1; done');
  model.rig.machine('0').killAgent();
  const failed = await model.waitFor(
    'error',
    (status) => workload(status, 'probe/0') === 'hook failed: "config-changed"',
  );
  assert.equal(agent(failed, 'probe/0'), 'idle');
  await model.ssh('probe/0', '! pgrep -f "sleep [6]00"');
  await model.waitFor('retried', (status) => settled(status, 'probe', 1));
  await ran('probe/0', 'config-changed');
  await forgetHooks('probe/0');
});

test('after a reboot there is start, and storage is where it was (fact 15)', async () => {
  await model.exec('probe/0', 'echo kept > "$(storage-get -s disk/0 location)/note"');
  await model.ssh('probe/0', 'systemctl reboot');
  await ran('probe/0', ...(recorded(82).ran['probe/0'] ?? []));
  const { output } = await model.exec('probe/0', 'cat "$(storage-get -s disk/0 location)/note"');
  assert.equal(output, 'kept\n');
});

test('juju-reboot --now ends the hook, which runs again before start', async () => {
  await nextHook(
    'probe/0',
    'config-changed',
    'rm "$0.again" 2>/dev/null || { touch "$0.again"; juju-reboot --now; touch /var/tmp/came-back; }',
  );
  await change(':');
  await ran('probe/0', 'config-changed', 'start');
  assert.equal((await model.ssh('probe/0', 'ls /var/tmp/came-back')).code, 2);
  await forgetHooks('probe/0');
});

test('one hook at a time on a machine, whosever it is (fact 3)', async () => {
  await model.deploy(join(directory, 'taker-1.charm'), 'keep', { to: '0' });
  await change('echo begin >> /var/tmp/turns; sleep 2; echo end >> /var/tmp/turns');
  // Between two of its first hooks it is idle, too, while the other has its turn.
  await model.waitFor('keep is installed', (status) => workload(status, 'keep/0') === 'ran start');
  await model.waitFor('all is done', (status) => settled(status, 'keep', 1) && settled(status, 'probe', 1));
  await model.config('keep', { text: 'echo other >> /var/tmp/turns' });
  await change('echo begin >> /var/tmp/turns; sleep 2; echo end >> /var/tmp/turns');
  await model.waitFor('keep had its turn', (status) => workload(status, 'keep/0') === 'ran config-changed');
  await model.waitFor('all is done', (status) => settled(status, 'keep', 1) && settled(status, 'probe', 1));
  const { output } = await model.ssh('probe/0', 'cat /var/tmp/turns');
  assert.doesNotMatch(output, /begin\n(other|begin)/);
  assert.match(output, /other/);
});

test('a unit that is removed leaves its machine to the others, and nothing of the agent on it', async () => {
  await model.removeApplication('keep');
  await model.waitFor('keep is gone', (status) => status.applications.keep === undefined);
  const { output } = await model.ssh('probe/0', 'ls /var/lib/juju/agents /var/lib/juju/tools');
  assert.doesNotMatch(output, /keep/);
  assert.match(output, /unit-probe-0/);
});

test('the machine of the last unit goes with it', async () => {
  await model.removeApplication('taker');
  await model.waitFor('taker is gone', (status) => status.applications.taker === undefined);
  const place = `${machinePrefix}rig-${process.pid}-1`;
  await waitUntil(`${place} to be gone`, async () => {
    const listed = await lxc(['list', '--format=csv', '--columns=n', place]);
    return listed.trim() === '';
  });
});
