/**
 * A whole `update-status` hook of either charm, as packed, on a unit that serves: its processor time, side by side with a charm on
 * Python `ops` that does nothing, in the same machine and with the same hook tools, which answer at once.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureVenv } from '@lpbuildbot/buildbot';
import { execa } from 'execa';
import * as z from 'zod';
import { requirementsOf } from '../../scripts/lib/pack-charm-wheels.ts';
import { charm, workerPackage } from '../deploy/cases.ts';
import { settled, unitsIn } from '../deploy/model.ts';
import type { RigModel } from '../deploy/rig-model.ts';
import { newKey } from '../deploy/site.ts';
import { charmDirectory } from '../rig/core/view.ts';
import { packTestCharm } from '../rig/probe-charm.ts';
import { type Say, withRig } from './charms-rig.ts';
import { type Figure, median } from './figures.ts';

const RUNS = 20;
const MASTER = 'buildbot-master/0';
const WORKER = 'buildbot-worker/0';

const root = join(import.meta.dirname, '../..');
const hooks = join(import.meta.dirname, 'hooks');
/** On the units' machines. */
const place = '/root/bench-hooks';

const sideSchema = z.object({
  /** Milliseconds of processor time. */
  samples: z.array(z.number()),
  calls: z.array(z.object({ tool: z.string(), args: z.array(z.string()), times: z.number() })),
});
type Side = z.infer<typeof sideSchema>;

const reportSchema = z.object({ charm: sideSchema, ops: sideSchema, tool: z.number() });

export async function charms(say: Say): Promise<Figure[]> {
  return await withRig(say, async (open, directory) => {
    const bundle = await packMeasure(directory, say);
    const model = open('charms');
    try {
      say('deploying a git server, a master and a worker');
      await deploy(model, directory);
      const figures: Figure[] = [];
      for (const unit of [MASTER, WORKER]) figures.push(...(await measured(model, unit, bundle, say)));
      return figures;
    } finally {
      await model.destroy();
    }
  });
}

/** A master that builds and promotes, and a worker that it knows. */
async function deploy(model: RigModel, directory: string): Promise<void> {
  const key = await newKey(join(directory, 'key'));
  const forge = await packTestCharm('forge', directory, '1', join(root, 'test/deploy/testdata'));
  await model.deploy(forge, 'forge', { config: { key: key.public } });
  await model.deploy(charm('master'), 'buildbot-master', { storage: { data: '2G' } });
  await model.deploy(charm('worker'), 'buildbot-worker', {
    resources: { 'worker-deb': await workerPackage() },
  });
  await model.integrate('buildbot-master:workers', 'buildbot-worker:master');
  const status = await model.waitFor('the git server', (now) => settled(now, 'forge', 1), 600);
  const address = unitsIn(status, 'forge')[0]?.[1]['public-address'] ?? '';
  const { code, output } = await model.ssh('forge/0', FIRST_COMMIT);
  if (code !== 0) throw new Error(`the git server has no commit: ${output}`);
  const { output: hostKey } = await model.ssh('forge/0', 'cat /etc/ssh/ssh_host_ed25519_key.pub');
  const uri = await model.addSecret('bench', {
    'ssh-key': key.private,
    'known-hosts': `${address} ${hostKey.split(' ').slice(0, 2).join(' ')}\n`,
  });
  await model.grantSecret('bench', 'buildbot-master');
  await model.config('buildbot-master', {
    secrets: uri,
    pipelines: `project: bench
repository: git://${address}/project.git
push: ssh://git@${address}/srv/git/project.git
builders:
  check: { branch: master, host: true, steps: ["true"] }
promotions:
  - { from: master, to: stable }
`,
  });
  const applications = ['buildbot-master', 'buildbot-worker'];
  await model.waitFor(
    'master and worker active',
    (now) => applications.every((name) => settled(now, name, 1)),
    900,
  );
}

const FIRST_COMMIT = `runuser -u git -- sh -euc '
git clone -q /srv/git/project.git /srv/git/work 2>&1; cd /srv/git/work
git -c user.name=Somebody -c user.email=somebody@example.com commit -q --allow-empty -m Begin
git push -q origin HEAD:refs/heads/master HEAD:refs/heads/stable'`;

/** The charm on ops and the programs that measure, as one file for the machines. */
async function packMeasure(directory: string, say: Say): Promise<string> {
  const tree = join(directory, 'measure');
  await mkdir(join(tree, 'ops/src'), { recursive: true });
  for (const name of ['measure.py', 'record_tool.py']) await copyFile(join(hooks, name), join(tree, name));
  await copyFile(join(hooks, 'nothing/dispatch'), join(tree, 'ops/dispatch'));
  await copyFile(join(hooks, 'nothing/charm.py'), join(tree, 'ops/src/charm.py'));
  await writeFile(join(tree, 'ops/metadata.yaml'), 'name: nothing\nsummary: nothing\ndescription: nothing\n');
  await cp(await opsPackages(say), join(tree, 'ops/venv'), { recursive: true });
  const bundle = join(directory, 'measure.tar');
  await execa('tar', ['--create', '--file', bundle, '--owner=0', '--group=0', '--directory', tree, '.']);
  return bundle;
}

/** As charmcraft puts them into a charm: the packages in one directory, for the Python of the rig's machines. Kept in .lpbuildbot. */
async function opsPackages(say: Say): Promise<string> {
  const lock = requirementsOf(await readFile(join(hooks, 'nothing/requirements.txt'), 'utf8'), '');
  const state = join(root, '.lpbuildbot');
  const directory = join(state, `bench-ops-${createHash('sha256').update(lock).digest('hex').slice(0, 16)}`);
  if (existsSync(directory)) return directory;
  say('fetching ops from PyPI (once)');
  const python = process.env.LPBUILDBOT_PYTHON ?? 'python3';
  const venv = await ensureVenv({ python, directory: join(state, 'venv') });
  if (venv.kind === 'failed') throw new Error(venv.reason);
  const making = await mkdtemp(join(state, 'bench-ops-making-'));
  try {
    await writeFile(join(making, 'requirements.txt'), lock);
    await execa(venv.python, [
      ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input', '--no-deps'],
      ...['--require-hashes', '--only-binary=:all:', '--no-compile', '--implementation', 'cp'],
      ...[
        '--python-version',
        '3.11',
        '--platform',
        `manylinux2014_${MACHINES[process.arch] ?? process.arch}`,
      ],
      ...['--target', join(making, 'venv'), '--requirement', join(making, 'requirements.txt')],
    ]);
    await rename(join(making, 'venv'), directory);
  } finally {
    await rm(making, { recursive: true });
  }
  return directory;
}

/** PyPI's names of Node's. */
const MACHINES: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' };

async function measured(model: RigModel, unit: string, bundle: string, say: Say): Promise<Figure[]> {
  const name = unit.replace(/\/.*/, '');
  say(`${name}: ${RUNS} update-status hooks in turn with ${RUNS} of a charm on ops`);
  const { machine } = model.rig.machine(unitsIn(await model.status(), name)[0]?.[1].machine ?? '');
  await machine.push(bundle, `${place}.tar`);
  await machine.sh(`mkdir ${place}; tar --extract --file ${place}.tar --directory ${place}; rm ${place}.tar`);
  const command = `python3 -I ${place}/measure.py ${charmDirectory(unit)} ${place}/ops ${RUNS}`;
  const { code, output } = await model.exec(unit, command);
  if (code !== 0) throw new Error(`${command} on ${unit}: ${output}`);
  const report = reportSchema.parse(JSON.parse(output));
  const [ours, theirs] = [median(report.charm.samples), median(report.ops.samples)];
  const shown = (side: Side): string =>
    `${median(side.samples).toFixed(0)} ms with ${countOf(side)} tool calls (${Math.min(...side.samples).toFixed(0)} to ${Math.max(...side.samples).toFixed(0)} ms)`;
  say(
    `  ${name} ${shown(report.charm)}; ops ${shown(report.ops)}; each call ${report.tool.toFixed(1)} ms of it`,
  );
  const again = report.charm.calls.filter(({ times }) => times > 1);
  for (const { tool, args, times } of again) say(`  ${times} times: ${[tool, ...args].join(' ')}`);
  return [
    {
      name: `${name}, update-status`,
      value: ours / theirs,
      unit: 'x',
      limit: 1,
      detail: `${ours.toFixed(0)} ms of processor; ops that does nothing ${theirs.toFixed(0)} ms; medians of ${RUNS} in turn`,
    },
    {
      name: `${name}, the same tool call again`,
      value: again.reduce((sum, { times }) => sum + times - 1, 0),
      unit: 'calls',
      limit: 0,
      detail: `of ${countOf(report.charm)} in an update-status`,
    },
  ];
}

function countOf({ calls }: Side): number {
  return calls.reduce((sum, { times }) => sum + times, 0);
}
