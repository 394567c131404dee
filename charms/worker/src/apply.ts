/**
 * Takes single steps. Each may be taken twice, or be killed anywhere: the next look at the machine tells what is left to do. What a
 * person or time can mend comes back as a problem; an exception is a mistake of this program, or Juju's refusal.
 */
import { aptGet, candidateOf, fetchLists, hasNode } from './apt.ts';
import { installedPackages, installedVersion, lookAtLxd } from './facts.ts';
import { makeImagesScript } from './images-script.ts';
import { installSnap, setUpLxd } from './lxd-steps.ts';
import type { Machine } from './machine.ts';
import { note } from './memory.ts';
import { status, steps } from './messages.ts';
import { makeNodePackage } from './node-package.ts';
import { carriedNode, packages, places, units, workerUser } from './places.ts';
import type { Step } from './plan.ts';
import { purge } from './purge.ts';
import type { Outcome } from './report.ts';

export interface Hands {
  readonly machine: Machine;
  readonly unit: string;
  readonly charmDirectory: string;
  readonly architecture: 'amd64' | 'arm64';
  /** Shows a sentence while something takes its time. */
  readonly tell: (sentence: string) => Promise<void>;
}

export async function take(step: Step, hands: Hands): Promise<Outcome> {
  const { machine } = hands;
  switch (step.kind) {
    case 'claim':
      return await note(machine, { unit: step.unit });
    case 'configure-apt':
      await setFile(machine, places.aptKey, step.key);
      await setFile(machine, places.aptSource, step.source);
      return await note(machine, { lists: undefined, candidate: undefined });
    case 'install':
      return await install(step, hands);
    case 'install-snap':
      return await installSnap(machine);
    case 'set-up-lxd':
      return await setUpLxd(step.size, machine);
    case 'join':
      return await join(step, machine);
    case 'leave':
      return await leave(step.wait, hands);
    case 'check-recipes':
      return await checkRecipes(step, machine);
    case 'remove-recipes':
      await machine.remove(places.recipes);
      return await note(machine, { recipes: undefined, refused: undefined });
    case 'set-refresh':
      return await setRefresh(step.text, machine);
    case 'make-images':
      return await makeImages(step, hands);
    case 'look-for-upgrade':
      return await lookForUpgrade(machine);
    case 'upgrade':
      return await upgrade(machine);
    case 'purge':
      return await purge(machine);
  }
}

async function setFile(machine: Machine, path: string, text: string | undefined): Promise<void> {
  if (text === undefined) await machine.remove(path);
  else await machine.write(path, text, 0o644);
}

async function install(step: Extract<Step, { kind: 'install' }>, hands: Hands): Promise<Outcome> {
  const { machine } = hands;
  await noteBefore(machine);
  if (step.lxd === 'with') await note(machine, { lxd: 'package' });
  if (step.lists === 'fetch') {
    const fetched = await fetchAndNote(machine, 'all');
    if (fetched !== 'done') return fetched;
  }
  const files = step.deb === undefined ? [] : [step.deb.path];
  let scratch: string | undefined;
  try {
    const installed = installedVersion((await machine.readText(places.dpkgStatus)) ?? '', packages.node);
    const isCurrent = installed === carriedNode.version;
    if (step.deb !== undefined && !isCurrent && !(await hasNode(machine))) {
      const node = await makeNodePackage(machine, hands.architecture, hands.charmDirectory);
      if (node.kind !== 'made') return node;
      scratch = node.directory;
      files.push(node.path);
    }
    const order = ['install', '--no-install-recommends', '--allow-downgrades', ...step.packages, ...files];
    let outcome = await aptGet(machine, order);
    if (outcome.kind === 'failed' && step.lists === 'keep') {
      // The lists may be too old: packages that they name are gone from the archive.
      const fetched = await fetchAndNote(machine, 'all');
      if (fetched !== 'done') return fetched;
      outcome = await aptGet(machine, order);
    }
    if (outcome.kind === 'failed') {
      return { kind: 'failed', sentence: steps.installFailed(packages.helpers, outcome.sentence) };
    }
    if (outcome.kind === 'busy') return outcome;
  } finally {
    if (scratch !== undefined) await machine.remove(scratch);
  }
  // Debian's LXD reads once which ids containers may have, and the package of the helpers has just added one. Containers go on.
  await machine.run(['systemctl', 'try-restart', 'lxd.service']);
  if (step.deb === undefined) return 'done';
  return await note(machine, { deb: step.deb.mark, node: carriedNode.version });
}

/** What is on the machine before the charm brings anything: removal takes away what was not. */
async function noteBefore(machine: Machine): Promise<void> {
  if ((await machine.readText(places.packagesBefore)) !== undefined) return;
  const user = await machine.run(['getent', 'passwd', workerUser]);
  if (user.code !== 0) await note(machine, { user: 'made' });
  const before = installedPackages((await machine.readText(places.dpkgStatus)) ?? '');
  await machine.write(places.packagesBefore, `${before.join('\n')}\n`, 0o644);
}

async function fetchAndNote(machine: Machine, which: 'all' | 'own'): Promise<Outcome> {
  const fetched = await fetchLists(machine, which);
  if (fetched.kind !== 'done') return fetched;
  const source = (await machine.readText(places.aptSource)) ?? '';
  const candidate = source === '' ? undefined : await candidateOf(machine, packages.helpers);
  return await note(machine, { lists: { source, at: machine.now() }, candidate });
}

async function join(step: Extract<Step, { kind: 'join' }>, machine: Machine): Promise<Outcome> {
  const { address, name, password, ca } = step.login;
  const [passwordFile, caFile] = [`${places.run}/password`, `${places.run}/master-ca.pem`];
  try {
    await machine.write(passwordFile, `${password}\n`, 0o600);
    await machine.write(caFile, ca, 0o644);
    const done = await machine.run([
      'lpbuildbot-worker-setup',
      ...['--master', address, '--name', name, '--password-file', passwordFile, '--tls-ca', caFile],
    ]);
    if (done.code !== 0) return { kind: 'failed', sentence: steps.joinFailed(done.stderr) };
  } finally {
    await machine.remove(passwordFile);
    await machine.remove(caFile);
  }
  const written = await machine.facts(places.workerSettings);
  return await note(machine, { joined: { digest: step.digest, modified: written?.modified ?? 0 } });
}

async function leave(wait: 'until builds are done' | 'no', hands: Hands): Promise<Outcome> {
  const { machine } = hands;
  const done = await machine.run(['lpbuildbot-worker-setup', '--remove']);
  // Without the command there is no worker either.
  if (done.code !== 0 && done.code !== 127) {
    return { kind: 'failed', sentence: steps.leaveFailed(done.stderr) };
  }
  if (wait === 'until builds are done') await untilStopped(hands);
  return await note(hands.machine, { joined: undefined });
}

const LOOK_AGAIN = 2_000;

/** However long the builds take: the master has their time limits, and whoever cannot wait stops the service. */
async function untilStopped({ machine, tell }: Hands): Promise<void> {
  const running = ['active', 'activating', 'reloading', 'deactivating'];
  let told = '';
  for (;;) {
    const shown = await machine.run(['systemctl', 'show', '--property=ActiveState', '--value', units.worker]);
    if (!running.includes(shown.stdout.trim())) return;
    const sentence = status.leaving(await buildsOn(machine));
    if (sentence !== told) await tell(sentence);
    told = sentence;
    await machine.sleep(LOOK_AGAIN);
  }
}

async function buildsOn(machine: Machine): Promise<number> {
  const lxd = await lookAtLxd(machine);
  return lxd.kind === 'there' ? lxd.builds : 0;
}

async function checkRecipes(
  { text, digest, refusal }: Extract<Step, { kind: 'check-recipes' }>,
  machine: Machine,
): Promise<Outcome> {
  // Beside the machine's own recipes, which they may build on.
  const directory = `${places.run}/recipes`;
  await machine.remove(directory);
  await machine.write(`${directory}/juju.yaml`, text, 0o644);
  const others = await machine.run([
    'cp',
    '--archive',
    '--no-clobber',
    `${places.recipesDirectory}/.`,
    directory,
  ]);
  if (others.code !== 0) return { kind: 'failed', sentence: steps.imagesFailed(others.stderr) };
  const names = await machine.run(['lpbuildbot-list-images', '--names', '--recipes', directory]);
  await machine.remove(directory);
  const mistake = names.stderr.split('\n').find((line) => line.includes(`${directory}/juju.yaml`));
  if (names.code !== 0 || mistake !== undefined) {
    const why = mistake?.replace(`${directory}/juju.yaml:`, 'line ') ?? names.stderr;
    return await note(machine, { refused: { digest: refusal, why } });
  }
  await machine.write(places.recipes, text, 0o644);
  const made = names.stdout.split('\n').filter((name) => name !== '');
  return await note(machine, { recipes: { digest, names: made }, refused: undefined });
}

async function setRefresh(text: string, machine: Machine): Promise<Outcome> {
  await machine.write(places.refresh, text, 0o644);
  const done = await machine.run(['systemctl', 'daemon-reload']);
  return done.code === 0 ? 'done' : { kind: 'failed', sentence: steps.refreshFailed(done.stderr) };
}

export async function makeImages(
  { names, digest, force }: Pick<Extract<Step, { kind: 'make-images' }>, 'names' | 'digest' | 'force'>,
  { machine, unit }: Pick<Hands, 'machine' | 'unit'>,
): Promise<Outcome> {
  const about = ['--collect', `--unit=${units.images}`, '--description=Make images for builds'];
  const script = ['/bin/sh', '-c', makeImagesScript, 'sh', unit, digest, force ? '--force' : '', ...names];
  const done = await machine.run(['systemd-run', '--quiet', ...about, '--property=Nice=5', '--', ...script]);
  return done.code === 0 ? 'done' : { kind: 'failed', sentence: steps.imagesFailed(done.stderr) };
}

async function lookForUpgrade(machine: Machine): Promise<Outcome> {
  return await fetchAndNote(machine, 'own');
}

/** The package asks the running worker to finish its builds, and systemd then starts the new one: no build is lost. */
export async function upgrade(machine: Machine): Promise<Outcome> {
  const outcome = await aptGet(machine, [
    'install',
    '--no-install-recommends',
    '--only-upgrade',
    packages.helpers,
  ]);
  if (outcome.kind === 'failed') {
    return { kind: 'failed', sentence: steps.installFailed(packages.helpers, outcome.sentence) };
  }
  return outcome.kind === 'busy' ? outcome : 'done';
}
